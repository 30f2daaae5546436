#include "reference.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/cli/reference.hpp>
#include <toolkit/process/signals.hpp>

#include <unistd.h>

namespace toolkit::commands {
namespace {

constexpr cli::Example kCompletionExamples[] = {
    {"toolkit completion bash > /etc/bash_completion.d/toolkit", "Complete in every new bash"},
};
constexpr cli::Example kManExamples[] = {
    {"toolkit man run | man -l -", "Read a manual page where none is installed"}};
constexpr cli::ExitCode kExitCodes[] = {{"0", "Done"}, {"2", "Unknown shell or page"}};

Result<int> print(const Result<std::string>& document) {
  process::restore_inherited_mask();  // nothing is supervised here: Ctrl-C and a closed pipe end us
  if (!document) {
    return Failure(document.error());
  }
  TRY(write_answer(*document));
  return 0;
}

Result<int> completion(void* /*options*/, std::span<const std::string> operands) {
  if (operands.size() != 1) {
    return fail(ErrorKind::usage, "completion takes one shell",
                "toolkit completion bash, zsh or fish");
  }
  return print(cli::completion_script(operands[0], cli::all_commands()));
}

Result<int> man(void* /*options*/, std::span<const std::string> operands) {
  if (operands.size() > 1) {
    return fail(ErrorKind::usage, "man takes one command", "toolkit man run");
  }
  return print(cli::man_page(operands.empty() ? "" : operands[0], cli::all_commands()));
}

std::shared_ptr<void> no_options() { return nullptr; }

}  // namespace

cli::Command completion_command() {
  return {.name = "completion",
          .group = "Reference",
          .summary = "Print a completion script for bash, zsh or fish",
          .usage = "bash|zsh|fish",
          .description = "Prints a completion script made from the options that this binary has.",
          .operands = cli::Operands::list,
          .options = {},
          .examples = kCompletionExamples,
          .exit_codes = kExitCodes,
          .operand_choices = "bash,zsh,fish",
          .make_options = no_options,
          .execute = completion};
}

cli::Command man_command() {
  return {.name = "man",
          .group = "Reference",
          .summary = "Print a manual page",
          .usage = "[COMMAND]",
          .description = "Prints the manual page of a command, or of toolkit itself.",
          .operands = cli::Operands::list,
          .options = {},
          .examples = kManExamples,
          .exit_codes = kExitCodes,
          .operand_choices = "run,sync,wait,env,check-gpu",
          .make_options = no_options,
          .execute = man};
}

}  // namespace toolkit::commands
