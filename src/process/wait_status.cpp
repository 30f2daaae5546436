#include <toolkit/process/signals.hpp>
#include <toolkit/process/wait_status.hpp>

#include <sys/wait.h>

namespace toolkit::process {

int WaitStatus::exit_code() const {
  return WIFSIGNALED(raw_) ? 128 + WTERMSIG(raw_) : WEXITSTATUS(raw_);
}
int WaitStatus::signal() const { return WIFSIGNALED(raw_) ? WTERMSIG(raw_) : 0; }
bool WaitStatus::core_dumped() const { return WIFSIGNALED(raw_) && WCOREDUMP(raw_); }

std::string WaitStatus::words() const {
  if (signal() != 0) {
    return "killed by " + signal_name(signal()) + (core_dumped() ? " (core dumped)" : "");
  }
  return "exited with code " + std::to_string(exit_code());
}

}  // namespace toolkit::process
