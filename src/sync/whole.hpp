#pragma once
// Files that arrive at once and whole: sent, and known again.

#include "session.hpp"

namespace toolkit::sync {

[[nodiscard]] store::Target target_of(const Task& task, const store::Entry& now);

/// Whether the store says that this very state of the source lies there, where a listing cannot: it
/// is asked if the task has not looked yet.
[[nodiscard]] Result<bool> is_noted_there(Session& session, Task& task, const store::Entry& now);

/// All of it as it was at one moment: what changes under our eyes is read again before anything is
/// published.
[[nodiscard]] Result<FileEvent> send_whole(Session& session, const Task& task,
                                           store::Content& content, store::Entry now);

}  // namespace toolkit::sync
