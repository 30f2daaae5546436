#pragma once
// Old generations of a growing file at the destination: x.log.~1~, x.log.~2~, as numbered backups
// are called elsewhere.

#include "session.hpp"

namespace toolkit::sync {

/// The first name that is free for an old generation.
[[nodiscard]] Result<std::string> name_for_old(store::Store& destination, const std::string& key);

/// What lies there is no beginning of the source: it makes room as --on-rewrite says.
[[nodiscard]] Result<void> put_old_aside(Session& session, const Task& task,
                                         const std::string& why);

}  // namespace toolkit::sync
