#pragma once
// A growing file is brought up to its source, and the one before that lost its name to it.

#include "session.hpp"

namespace toolkit::sync {

/// Of a file that is followed: the end of the one that had the name before comes first.
[[nodiscard]] Result<FileEvent> send_growing(Session& session, Task& task,
                                             std::unique_ptr<store::Content> content,
                                             const store::Entry& now);

/// What a file got that is held open and has its name no longer, behind what was sent of it.
void finish_old(Session& session, Held::File file);

}  // namespace toolkit::sync
