#pragma once
// What a growing file needs: nothing, its tail, or a new beginning because what lies there is not
// its beginning.

#include "session.hpp"

namespace toolkit::sync {

struct Growth {
  enum class Kind { equal, tail, rewritten } kind = Kind::tail;
  std::uint64_t offset = 0;  // of tail: so many bytes are there and proven
  std::string why;
};

/// `now` is the source as it is open. With a record of our last transfer that still fits both
/// sides, no byte of the destination is read; with --checksum every one.
[[nodiscard]] Result<Growth> judge_growth(Session& session, const Task& task,
                                          store::Content& content, const store::Entry& now);

}  // namespace toolkit::sync
