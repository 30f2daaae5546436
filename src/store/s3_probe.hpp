#pragma once
// What an endpoint has proved to do with a bucket. An S3 server that does not know a header ignores
// it, and then an append overwrites the log with its tail: so nothing is taken for granted by the
// server's name, and what matters is tried on an object that nobody misses.

#include "s3_place.hpp"

#include <atomic>
#include <mutex>
#include <optional>

namespace toolkit::store {

enum class S3Append {
  position,  // Ceph: PUT ?append&position=N
  offset,    // S3 Express One Zone: x-amz-write-offset-bytes
  none,      // the object is put together anew: by the server from 5 MiB on
};

class S3Verdicts {
 public:
  explicit S3Verdicts(const S3Place& place) : place_(place) {}

  /// Tried out when asked for the first time, and then remembered; `none` as long as the throw-away
  /// object is refused. Errors: those of the requests.
  /// An object of so many bytes which its server says to be one that grows is a proof, too.
  [[nodiscard]] Result<S3Append> append(const std::string& key, std::uint64_t size);
  /// Whether If-None-Match: * keeps an object from being replaced.
  [[nodiscard]] Result<bool> creates_exclusively();
  /// Whether If-Match keeps a DELETE from removing another object (S3 since 2025): seen when the
  /// throw-away object of the other trial is removed; false as long as there was none.
  [[nodiscard]] bool removes_if_same() const { return removes_if_same_; }

  /// Whether the tags of this server are MD5s (they are not with SSE-KMS): known once one was.
  /// `md5` is what we sent. False: it is another one though it should be.
  [[nodiscard]] bool confirms(std::string_view tag, std::string_view md5);
  [[nodiscard]] bool tags_are_md5() const { return tags_are_md5_; }

 private:
  [[nodiscard]] Result<std::optional<S3Append>> try_append() const;
  [[nodiscard]] bool is_appendable(const std::string& key, std::uint64_t size) const;
  [[nodiscard]] Result<bool> try_exclusive();

  const S3Place& place_;
  std::mutex mutex_;
  std::optional<S3Append> append_;
  std::optional<bool> exclusive_;
  std::atomic<bool> tags_are_md5_ = false, removes_if_same_ = false;
};

}  // namespace toolkit::store
