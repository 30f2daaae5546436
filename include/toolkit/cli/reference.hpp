#pragma once
// Documents made from the option tables: help texts, completion scripts, man pages. The generated
// files in completions/ and man/ are committed, and a test compares them.

#include <toolkit/base/result.hpp>
#include <toolkit/cli/command.hpp>

#include <string>
#include <string_view>

namespace toolkit::cli {

/// `toolkit` alone: one sentence, the commands in groups, two examples, where to read more.
[[nodiscard]] std::string short_help(std::span<const Command> commands);
/// `toolkit COMMAND --help`: usage, a paragraph, examples, options in groups with defaults and
/// variables, exit codes. Wrapped to `columns`.
[[nodiscard]] std::string command_help(const Command& command, int columns = 80);

/// `toolkit help WORD`: a command as its --help, or a topic. Error: usage for any other word.
[[nodiscard]] Result<std::string> help_on(std::string_view word, std::span<const Command> commands);

/// A completion script for bash, zsh or fish. Error: usage for any other shell.
[[nodiscard]] Result<std::string> completion_script(std::string_view shell,
                                                    std::span<const Command> commands);

/// The man page in mdoc-free man(7) macros: `page` is "" for toolkit(1), else a command's name. The
/// prose comes from man/*.1.in, compiled into the binary.
[[nodiscard]] Result<std::string> man_page(std::string_view page,
                                           std::span<const Command> commands);

}  // namespace toolkit::cli
