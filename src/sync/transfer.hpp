#pragma once
// One file from a source to the destination, in the way that its kind wants.

#include "session.hpp"

#include <functional>

namespace toolkit::sync {

[[nodiscard]] store::Target target_of(const Task& task, const store::Entry& now);

/// The source before and after it was sent: if it has become another one meanwhile, what arrived
/// may be torn. A file that only grew was sent as a true beginning of itself.
[[nodiscard]] bool is_torn(const store::Entry& before, const store::Entry& after);

/// The first name that is free for an old generation: x.log.~1~, as numbered backups are called
/// elsewhere.
[[nodiscard]] Result<std::string> name_for_old(store::Store& destination, const std::string& key);

/// What a file got that is held open and has its name no longer, behind what was sent of it.
void finish_old(Session& session, Held::File file);

/// Does what the task needs, with tries on fresh connections, and tells the tally how it ended; and
/// `done` when the file is there. On the worker's thread.
void transfer(Session& session, Task& task, const std::function<void(const Task&)>& done);

}  // namespace toolkit::sync
