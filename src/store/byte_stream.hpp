#pragma once
// Bytes to and from a server, however they get there: a channel of the built-in ssh client, or the
// pipes of a child. Whoever owns it polls; nothing here blocks, and one thread uses it.

#include <toolkit/base/result.hpp>

#include <poll.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace toolkit::store {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Adds what to poll for; `has_output`: there is something to write.
  virtual void collect(std::vector<pollfd>& entries, bool has_output) const = 0;
  /// What has come, 0 for nothing yet. Read until 0 before polling: there are buffers below. The
  /// end is an error, `unavailable`, with what the other side said last.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<char> into) = 0;
  /// Takes some of the bytes, 0 for not now.
  [[nodiscard]] virtual Result<std::size_t> write(std::string_view bytes) = 0;
};

}  // namespace toolkit::store
