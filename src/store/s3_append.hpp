#pragma once
// Growing an object. No two kinds of servers do it alike, so each way is taken only where it was
// proved (s3_probe.hpp), and none is believed to have failed before somebody has looked: an append
// that got no answer may have happened.

#include "s3_body.hpp"
#include "s3_probe.hpp"

namespace toolkit::store {

/// As Store::append(). Where the server knows appends it sends the tail and nothing else, but for
/// an object that was born by a PUT, which no server lets grow: that one is put beside as one that
/// grows, copied over the old one by the server, and its bytes go out once more, once.
[[nodiscard]] Result<void> append_object(const S3Place& place, S3Verdicts& verdicts,
                                         const Target& target, std::uint64_t offset,
                                         S3Outlet& outlet, std::string& memo);

/// Without appends: from 5 MiB on the server copies what is there into a new object, and the tail
/// is sent behind it; below, all of it is sent.
[[nodiscard]] Result<void> append_by_rebuilding(const S3Place& place, S3Verdicts& verdicts,
                                                const Target& target, std::uint64_t offset,
                                                S3Outlet& outlet, std::string& memo);

/// All of it in one request, where there is nothing of that name. False, and nothing is written,
/// where there may be something.
[[nodiscard]] Result<bool> put_new(const S3Place& place, S3Verdicts& verdicts, const Target& target,
                                   S3Outlet& outlet);

/// One object over another, by the server; `entry` is the source's. Errors: conflict when the
/// source is another one by now.
[[nodiscard]] Result<void> copy_object(const S3Place& place, const S3Verdicts& verdicts,
                                       const std::string& from, const Entry& entry,
                                       const std::string& to, Flow& flow);
/// What is not there is no error.
[[nodiscard]] Result<void> remove_object(const S3Place& place, const std::string& key);

/// Whether bytes [from, from + size) of the object are those of the content.
[[nodiscard]] Result<bool> has_same_bytes(const S3Place& place, const std::string& key,
                                          std::uint64_t from, std::uint64_t size, S3Outlet& outlet);

/// "cannot append to s3://b/x: it is 3 bytes long, not 5".
[[nodiscard]] Failure not_so_long(const S3Place& place, const std::string& key, std::uint64_t there,
                                  std::uint64_t wanted);

}  // namespace toolkit::store
