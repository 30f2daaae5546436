#include "become.hpp"

#include <toolkit/environment/snapshot.hpp>
#include <toolkit/process/child.hpp>
#include <toolkit/process/signals.hpp>

#include <unistd.h>

namespace toolkit::commands {

Failure become(std::span<const std::string> command, const char* const* environment) {
  process::ChildOptions options;
  options.argv.assign(command.begin(), command.end());
  options.environment = environment;
  const environment::Snapshot variables(environment != nullptr ? environment : environ);
  options.search_path = variables.get("PATH").value_or("/bin:/usr/bin");
  options.signal_mask = process::inherited_mask();
  const process::SpawnError error = process::replace_ourselves(options);
  return Failure(Error{ErrorKind::failed, error.message, error.remedy, error.exit_code});
}

}  // namespace toolkit::commands
