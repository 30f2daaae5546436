#pragma once
// Files that arrive at once and whole: sent, and known again.

#include "session.hpp"

namespace toolkit::sync {

[[nodiscard]] store::Target target_of(const Task& task, const store::Entry& now);

/// Why this very state of the source lies there, where a listing of the store does not show it:
/// by what the store can prove, or has noted, for which it is asked if the task has not looked yet.
/// Empty when it does not.
[[nodiscard]] Result<std::string> why_unchanged(Session& session, Task& task,
                                                store::Content& content, const store::Entry& now);

/// All of it as it was at one moment: what changes under our eyes is read again before anything is
/// published.
[[nodiscard]] Result<FileEvent> send_whole(Session& session, const Task& task,
                                           store::Content& content, store::Entry now);

}  // namespace toolkit::sync
