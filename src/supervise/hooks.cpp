#include "hooks.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/process/signals.hpp>

#include <unistd.h>

namespace toolkit::supervise {
namespace {

std::vector<std::string> hook_argv(const std::string& command) {
  if (::access("/bin/sh", X_OK) == 0) {
    return {"/bin/sh", "-c", command};
  }
  std::vector<std::string> argv;
  for (const std::string_view word : split(command, ' ')) {
    if (!word.empty()) {
      argv.emplace_back(word);
    }
  }
  return argv.empty() ? std::vector<std::string>{""} : argv;
}

}  // namespace

tl::expected<pid_t, process::SpawnError> start_hook(const std::string& command, const Job& job,
                                                    const environment::Snapshot& environment) {
  process::ChildOptions options;
  options.argv = hook_argv(command);
  options.environment = environment.as_envp();
  options.search_path = job.search_path;
  options.credentials = job.credentials;
  options.signal_mask = process::inherited_mask();
  return process::spawn(options);
}

}  // namespace toolkit::supervise
