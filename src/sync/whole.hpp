#pragma once
// Files that arrive at once and whole: sent, and known again.

#include "session.hpp"

namespace toolkit::sync {

[[nodiscard]] store::Target target_of(const Task& task, const store::Entry& now);

/// The source before and after it was sent: if it has become another one meanwhile, what arrived
/// may be torn. A file that only grew was sent as a true beginning of itself.
[[nodiscard]] bool is_torn(const store::Entry& before, const store::Entry& after);

/// Whether the store says that this very state of the source lies there, where a listing cannot: it
/// is asked if the task has not looked yet.
[[nodiscard]] Result<bool> is_noted_there(Session& session, Task& task, const store::Entry& now);

/// All of it, and again while it changes under our eyes.
[[nodiscard]] Result<FileEvent> send_whole(Session& session, const Task& task,
                                           store::Content& content, store::Entry now);

}  // namespace toolkit::sync
