#pragma once
// What a command is. The list of them is commands/commands.hpp.

#include <toolkit/base/start_up.hpp>
#include <toolkit/cli/option.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::cli {

struct ExitCode {
  const char* code;     // "0", "128+N"
  const char* meaning;  // one line, no full stop
};

struct Example {
  const char* command;  // as typed: "toolkit run --log train.log -- python train.py"
  const char* what;     // one line, no full stop
};

/// Operands: how a command takes what is not an option. With list_then_command the `--` that
/// begins a child's command line is one of them, so that the two parts can be told apart.
enum class Operands { none, child_command, list, list_then_command };

struct Command {
  const char* name;         // "run"
  const char* group;        // heading in `toolkit --help`; empty hides it
  const char* summary;      // one line, capital, no full stop
  const char* usage;        // "[options] -- COMMAND [ARGS…]"
  const char* description;  // a paragraph for --help; the long prose is man/toolkit-NAME.1.in
  Operands operands = Operands::none;
  std::span<const Option> options;
  std::span<const Example> examples;
  std::span<const ExitCode> exit_codes;
  int usage_exit_code = 2;           // `run` answers 125, so that 2 stays the child's
  const char* operand_choices = "";  // "bash,zsh,fish": completes the first operand

  /// A fresh options struct with the defaults, and what runs with it. The operands (for
  /// child_command: COMMAND and its ARGS, byte for byte) come beside it. Returns the exit code; an
  /// Error is printed as `toolkit NAME: message` and mapped by exit_code_of.
  std::shared_ptr<void> (*make_options)();
  Result<int> (*execute)(void* options, std::span<const std::string> operands);
  int (*exit_code_of)(const Error& error) = exit_code_for;
  void (*start_up)() = pin_name_lookup;  // before execute; null for none
};

/// Options that every command has: --config, --show-config, --log-level, --log-format, -v, -q,
/// --color, --help.
[[nodiscard]] std::span<const Option> general_options();
[[nodiscard]] std::span<const Command> all_commands();  // defined in commands/commands.cpp

}  // namespace toolkit::cli
