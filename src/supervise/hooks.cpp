#include "hooks.hpp"

#include <toolkit/process/signals.hpp>

namespace toolkit::supervise {
tl::expected<pid_t, process::SpawnError> start_hook(const std::string& command, const Job& job,
                                                    const environment::Snapshot& environment) {
  process::ChildOptions options;
  options.argv = process::shell_argv(command);
  options.environment = environment.as_envp();
  options.search_path = job.search_path;
  options.credentials = job.credentials;
  options.signal_mask = process::inherited_mask();
  return process::spawn(options);
}

}  // namespace toolkit::supervise
