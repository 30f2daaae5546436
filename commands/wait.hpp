#pragma once
// `toolkit wait`: until it is ready, or over.

#include <toolkit/cli/command.hpp>

#include <string>

namespace toolkit::commands {

struct WaitOptions {
  bool all = false;  // the default; the option is for those who want to say it
  bool any = false;
  Milliseconds stable{0};
  Milliseconds timeout{0};
  std::optional<Milliseconds> interval;
  Milliseconds attempt_timeout{5'000};
  bool json = false;
  std::string state_directory;
  std::string ca_file;
  bool insecure = false;
  int barrier = 0;     // with listen: host a rendezvous of so many
  std::string listen;  // [HOST]:PORT
  std::string join;    // HOST:PORT of a rendezvous, as one of its workers
};

[[nodiscard]] cli::Command wait_command();
[[nodiscard]] std::span<const cli::Option> wait_options();

/// Waits for the operands before "--", then runs what follows it in our place. Returns the code
/// that the process must end with.
[[nodiscard]] Result<int> execute_wait(const WaitOptions& options,
                                       std::span<const std::string> operands);

}  // namespace toolkit::commands
