#pragma once
// Environment files (`--env-file`) and single assignments (`--env`): KEY=value as docker and
// systemd read them, with quotes.

#include <toolkit/base/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toolkit::environment {

using Assignment = std::pair<std::string, std::string>;

/// KEY=value, the value taken as it is, or KEY alone: nothing to assign, since the child inherits
/// the variable anyway. KEY is [A-Za-z_][A-Za-z0-9_]*; a NUL byte is refused. Error: usage.
[[nodiscard]] Result<std::optional<Assignment>> parse_assignment(std::string_view text);

/// Blank lines and # comments are skipped, `export ` is allowed, KEY alone assigns nothing. A bare
/// value is taken as it is up to the end of the line, without the blanks around it (a # in it is
/// part of it, as in docker and systemd). 'single' quotes keep everything, "double" quotes know \n
/// \t \" \\ \$ \` and backslash-newline (nothing); line breaks inside quotes are kept. CRLF ends a
/// line like LF, a UTF-8 BOM is skipped. Nothing is expanded. Every broken line is named with its
/// number in one usage error, and no value is ever in it: it may be a secret.
[[nodiscard]] Result<std::vector<Assignment>> parse_env_file(std::string_view text,
                                                             std::string_view name);

}  // namespace toolkit::environment
