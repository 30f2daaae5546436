#pragma once
// What `toolkit help TOPIC` explains beside the commands. The words are man/help-TOPIC.txt, which
// reference.cmake compiles in; tables of exit codes come from the commands themselves.

#include <toolkit/cli/command.hpp>

namespace toolkit::cli::reference {

struct Topic {
  const char* name;     // "exit-codes"
  const char* summary;  // one line, capital, no full stop
};
[[nodiscard]] std::span<const Topic> topics();

/// What help completes: the commands that are shown and the topics, with blanks between.
[[nodiscard]] std::string help_words(std::span<const Command> commands);

/// The exit codes that mean the same in every command.
[[nodiscard]] std::span<const ExitCode> common_exit_codes();

}  // namespace toolkit::cli::reference
