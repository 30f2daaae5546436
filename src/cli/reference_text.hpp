#pragma once
// What help texts, completion scripts and man pages read from the option tables, in one wording.

#include <toolkit/cli/command.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toolkit::cli::reference {

/// `toolkit --version`, which only the program itself has.
[[nodiscard]] const Option& version_option();

/// The names as typed: "-q", "--quiet".
[[nodiscard]] std::vector<std::string_view> names(const Option& option);
/// "TOOLKIT_RUN_GRACE"; empty for what only a command line can ask for, such as --help.
[[nodiscard]] std::string variable(std::string_view command, const Option& option);
[[nodiscard]] std::vector<std::string_view> choices(const Option& option);
/// The choices where the value's name does not say them already.
[[nodiscard]] std::string unsaid_choices(const Option& option);

struct Group {
  std::string_view title;
  std::vector<const Option*> options;
};
/// A command's options under their headings, both in table order.
[[nodiscard]] std::vector<Group> groups(std::span<const Option> options);
/// The general options that the command has not replaced by one of its own of the same name.
[[nodiscard]] std::vector<const Option*> general_options_of(const Command& command);
/// The command's own options and then the general ones.
[[nodiscard]] std::vector<const Option*> options_of(const Command& command);

/// Commands that --help and the scripts show.
[[nodiscard]] std::vector<const Command*> shown(std::span<const Command> commands);

/// Their names with blanks between.
[[nodiscard]] std::string command_names(std::span<const Command> commands);

/// signal(7)'s names without SIG. The part `process` has the numbers; a test holds the two
/// together.
[[nodiscard]] std::string_view signal_words();
/// What stands between SIGNAL and the rest in a value such as SIGNAL@DURATION or FROM=TO; 0 for
/// none.
[[nodiscard]] char signal_separator(const Option& option);

/// `text` with every occurrence of each key replaced.
using Replacements = std::initializer_list<std::pair<std::string_view, std::string_view>>;
[[nodiscard]] std::string replace(std::string text, Replacements replacements);
/// "a b c" of {"a", "b", "c"}.
[[nodiscard]] std::string join(const std::vector<std::string_view>& words,
                               std::string_view between);

/// A table of exit codes below its title; nothing without codes.
[[nodiscard]] std::string exit_codes_help(std::string_view title, std::span<const ExitCode> codes,
                                          std::size_t columns);

/// Columns of a text on the screen: its characters, not its bytes.
[[nodiscard]] std::size_t width(std::string_view text);
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);
/// Words filled into lines that begin at column `indent`; the first line is there already.
[[nodiscard]] std::string fill(const std::vector<std::string>& words, std::size_t indent,
                               std::size_t columns);

}  // namespace toolkit::cli::reference
