#pragma once
// `toolkit env`: who this process is in its cluster, and what it may really use.

#include <toolkit/cli/command.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace toolkit::commands {

enum class EnvFormat { text, json, sh, fish, dotenv, docker, k8s };
[[nodiscard]] Result<void> read_value(std::string_view text, EnvFormat& out);

struct EnvOptions {
  EnvFormat format = EnvFormat::text;
  bool json = false;
  std::string provider;
  std::optional<int> processes;
  std::string explain;  // the name of a variable
  bool strict = false;
  bool check = false;
  bool probe = false;
  bool all = false;
  bool show_secrets = false;
};

[[nodiscard]] cli::Command env_command();
[[nodiscard]] std::span<const cli::Option> env_options();

/// Prints the answer, or becomes the COMMAND with it.
[[nodiscard]] Result<int> execute_env(const EnvOptions& options,
                                      std::span<const std::string> command);

}  // namespace toolkit::commands
