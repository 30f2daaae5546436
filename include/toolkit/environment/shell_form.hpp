#pragma once
// Assignments as other programs read them: shells, env files, Kubernetes manifests. Each form gives
// back the value byte for byte, or says that it cannot carry it.

#include <optional>
#include <string>
#include <string_view>

namespace toolkit::environment {

enum class Form {
  sh,      // export NAME='…', for eval in any POSIX shell
  fish,    // set -gx NAME '…'
  dotenv,  // NAME="…" as python-dotenv, docker compose and parse_env_file read it
  docker,  // NAME=… for docker run --env-file, which knows no quotes
  k8s      // an item of a container's env: list, in YAML
};

/// Whether a shell takes it: [A-Za-z_][A-Za-z0-9_]*. SageMaker's SM_HP_LEARNING-RATE is none.
[[nodiscard]] bool is_variable_name(std::string_view name);

/// One line (k8s: two) without the last line break, or nothing: the form cannot carry the value.
/// docker's files end a line at any newline and want UTF-8 (docker/cli, pkg/kvfile); YAML wants
/// UTF-8. Nothing carries a NUL byte, which no variable can have. What dotenv files mean is not
/// settled: python-dotenv misreads a quoted value that ends in a backslash, and docker compose
/// expands a $NAME in double quotes, which are used for values with ', \ or a line break.
[[nodiscard]] std::optional<std::string> assignment_line(Form form, std::string_view name,
                                                         std::string_view value);

}  // namespace toolkit::environment
