#include "generation.hpp"

#include <fmt/core.h>

namespace toolkit::sync {

Result<std::string> name_for_old(store::Store& destination, const std::string& key) {
  for (int number = 1; number < 100'000; ++number) {
    std::string name = fmt::format("{}.~{}~", key, number);
    TRY_ASSIGN(const auto there, destination.stat(name));
    if (!there) {
      return name;
    }
  }
  return fail(ErrorKind::failed, fmt::format("too many old generations of {}", key));
}

Result<void> put_old_aside(Session& session, const Task& task, const std::string& why) {
  store::Store& destination = *session.places.destination;
  if (session.options.transfer.on_rewrite == OnRewrite::fail) {
    return fail(ErrorKind::failed,
                fmt::format("{} is not the beginning of its source: {}",
                            destination.name_of(task.destination), why),
                "--on-rewrite keep puts it aside, replace overwrites it");
  }
  TRY_ASSIGN(const std::string name, name_for_old(destination, task.destination));
  if (!session.options.transfer.dry_run) {
    TRY(destination.rename(task.destination, name));
    session.ledger.forget(task.destination);
  }
  session.tally.file({Action::kept, name, 0, fmt::format("{} {}", task.destination, why)});
  return {};
}

}  // namespace toolkit::sync
