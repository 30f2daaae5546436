#pragma once
// `toolkit run`: supervise the training process.

#include <toolkit/cli/command.hpp>
#include <toolkit/supervise/options.hpp>

#include <optional>
#include <string>

namespace toolkit::commands {

struct RunOptions : supervise::Options {
  bool with_environment = false;  // --with-env: who we are in the job, as `toolkit env` tells it
  std::string provider;           // --with-env-provider, as env's --provider
  std::optional<int> processes;   // --with-env-nproc
  std::string restore;  // --restore: turn a cri log back into a stream instead of running anything
};

[[nodiscard]] cli::Command run_command();
[[nodiscard]] std::span<const cli::Option> run_options();

/// Runs the child (or restores a log) and returns the code that the process must end with.
[[nodiscard]] Result<int> execute_run(RunOptions& options, std::span<const std::string> operands);

}  // namespace toolkit::commands
