#pragma once
// What a growing file got, behind what of it is there and proven.

#include "session.hpp"

namespace toolkit::sync {

/// From `offset` to the end of `now`. `event` says what it is called; its bytes are filled in.
[[nodiscard]] Result<FileEvent> append_tail(Session& session, Task& task, store::Content& content,
                                            const store::Entry& now, std::uint64_t offset,
                                            FileEvent event);

}  // namespace toolkit::sync
