#pragma once
// One bucket, and the prefix below which a store's keys lie; and the patience for answers that only
// say "later".

#include "s3_client.hpp"

#include <toolkit/store/store.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace toolkit::store {

struct S3Place {
  std::unique_ptr<S3Client> client;
  std::string bucket;
  std::string prefix;  // empty, or with a slash at its end: "logs/run1/"
  int stop_fd = -1;

  /// The object that a key of the store is.
  [[nodiscard]] std::string object(std::string_view key) const;
  /// "s3://bucket/prefix/key".
  [[nodiscard]] std::string name_of(std::string_view key) const;
  /// "cannot write s3://bucket/prefix/key".
  [[nodiscard]] std::string cannot(std::string_view verb, std::string_view key) const;

  /// Sent up to three times, with pauses, while it is `unavailable`: one busy answer among
  /// thousands shall not end a listing or an upload. Of requests that may be repeated only.
  [[nodiscard]] Result<S3Answer> send(const S3Request& request) const;
  /// The same; an answer that is no success is an error too.
  [[nodiscard]] Result<S3Answer> demand(const S3Request& request) const;
  /// Sleeps before try number `tried` + 1; `interrupted` when we are told to stop.
  [[nodiscard]] Result<void> pause(int tried) const;
};

/// Completing an upload and copying begin their answer before they know how it ends: 200, and then
/// an error (API_CompleteMultipartUpload, API_CopyObject). That error as the answer it is.
[[nodiscard]] S3Answer with_late_error(S3Answer answer);

/// What is kept of an object: from HEAD and from listings.
[[nodiscard]] Entry entry_of(const S3Answer& head, std::string_view key);

/// One object by HEAD; nothing when it is not there.
[[nodiscard]] Result<std::optional<Entry>> look(const S3Place& place, const std::string& key);

/// Bytes [from, from + size) of an object, as it was with this tag (empty: as it is). `conflict`
/// when it is another one by now, or shorter.
[[nodiscard]] Result<std::string> read_range(const S3Place& place, const std::string& key,
                                             std::uint64_t from, std::uint64_t size,
                                             std::string_view tag);

/// All of a small object, with its entry; nothing when it is not there.
struct SmallObject {
  Entry entry;
  std::string bytes;
};
[[nodiscard]] Result<std::optional<SmallObject>> read_small(const S3Place& place,
                                                            const std::string& key);

/// What keeps a PUT from replacing another object than the one with this tag, in the ways in which
/// servers want it: S3 quotes the tag, Ceph compares it without (every quoted one is 412 there),
/// and Swift knows none (501). The last has no condition.
[[nodiscard]] std::vector<net::HttpFields> if_match(const S3Place& place, const std::string& tag);

/// A fresh name that nobody guesses, below the prefix: ".toolkit-sync-<what>-<random>".
[[nodiscard]] Result<std::string> fresh_key(std::string_view what);

}  // namespace toolkit::store
