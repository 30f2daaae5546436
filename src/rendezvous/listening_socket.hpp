#pragma once
// A TCP socket that listens.

#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <cstdint>
#include <string>

namespace toolkit::rendezvous {

struct ListeningSocket {
  UniqueFd fd;  // does not block
  std::uint16_t port = 0;
};

/// The host is a numeric address or localhost; empty means all, of both families where the kernel
/// has IPv6. Errors: usage for other hosts; failed or denied with the reason.
[[nodiscard]] Result<ListeningSocket> listen_on(const std::string& host, std::uint16_t port);

}  // namespace toolkit::rendezvous
