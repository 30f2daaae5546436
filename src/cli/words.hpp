#pragma once
// Cuts a command line into its parts before anything is interpreted: which command, which words are
// options and their values, and where the operands begin. What follows `--`, or the first word of a
// child's command line, is never looked at again, so it reaches the child byte for byte.

#include <toolkit/cli/command.hpp>

#include <optional>
#include <string>
#include <vector>

namespace toolkit::cli {

struct Words {
  std::optional<std::string> command;    // an empty word is one too, though nobody's name
  std::vector<std::string> options;      // option words and their values, in order
  std::vector<const Option*> mentioned;  // each option that occurs, once
  std::vector<std::string> operands;
  bool operands_marked = false;  // `--` was there
  std::string unknown;           // the first word that looks like an option and is none
};

[[nodiscard]] Words cut_words(std::span<char* const> arguments, std::span<const Command> commands);

/// By `long_name`: the command's own first, then the general one; null if there is none.
[[nodiscard]] const Option* find_option(const Command* command, std::string_view long_name);
[[nodiscard]] const Command* find_command(std::span<const Command> commands, std::string_view name);

}  // namespace toolkit::cli
