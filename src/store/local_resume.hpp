#pragma once
// What is remembered of a large file that was being put when something ended the transfer: its
// draft, and which file it was made from.

#include "local_draft.hpp"

namespace toolkit::store {

/// Empty for what is not worth it, and where it cannot be known that what lies in the page cache
/// will still be there.
[[nodiscard]] std::string resume_memo(const LocalDraft& draft, const Target& target,
                                      const Content& content);

/// The draft of the memo if it was made of this very content since the machine was started; `have`
/// is how much of it is there. Else what the memo names is removed, and an errno says that there is
/// nothing to go on from.
[[nodiscard]] OrErrno<LocalDraft> resume(const SharedFd& directory, const Target& target,
                                         Content& content, const std::string& memo,
                                         std::uint64_t& have);

}  // namespace toolkit::store
