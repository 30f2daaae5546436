#pragma once
// The bytes of a content into an open file of the server, many requests at once.

#include "sftp_session.hpp"

#include <toolkit/store/store.hpp>

#include <functional>

namespace toolkit::store::sftp {

struct Upload {
  Session& session;
  const std::string& handle;
  Content& content;
  Flow& flow;
  const std::string& what;  // "cannot write host:/x"
  /// How many writes are under way at once; 1 for servers that may do them out of order.
  std::size_t depth;

  /// Writes the bytes from `from` to `to` where they belong. All that was sent is answered when it
  /// returns. On failure `good_end` is where what is surely written, without a gap, ends, and
  /// `is_torn` says that something beyond it may be there too.
  [[nodiscard]] Result<void> send(std::uint64_t from, std::uint64_t to);
  std::uint64_t good_end = 0;
  bool is_torn = false;
  std::optional<Fault> fault = {};  // when it was the server that refused
  /// Called when all has been sent, before it is answered: for what may follow at once.
  std::function<void()> when_sent = {};
};

/// Enough for a fast network with a long way, little enough for memory.
[[nodiscard]] std::size_t upload_depth(const Sizes& sizes);

}  // namespace toolkit::store::sftp
