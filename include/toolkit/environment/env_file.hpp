#pragma once
// Environment files (`--env-file`): KEY=value lines as docker and systemd read them, with quotes.

#include <toolkit/base/result.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toolkit::environment {

using Assignment = std::pair<std::string, std::string>;

/// KEY or KEY=value. KEY is [A-Za-z_][A-Za-z0-9_]*; a NUL byte is refused. Without `=` the value comes from
/// `inherit(KEY)` (null: the variable is left out).
[[nodiscard]] Result<Assignment> parse_assignment(std::string_view text);

/// Blank lines and # comments are skipped, `export ` is allowed, values may be bare, 'single' or "double"
/// quoted (\n \t \" \\ \$ in double quotes, line breaks inside quotes allowed), CRLF is accepted, a UTF-8
/// BOM is skipped. Nothing is expanded. Every broken line is named with its number in one usage error.
[[nodiscard]] Result<std::vector<Assignment>> parse_env_file(std::string_view text, std::string_view name);

}  // namespace toolkit::environment
