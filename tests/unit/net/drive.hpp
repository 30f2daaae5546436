#pragma once
// A poll loop around a stream or a lookup, and sockets that listen for tests.

#include <toolkit/base/unique_fd.hpp>
#include <toolkit/net/resolver.hpp>
#include <toolkit/net/stream.hpp>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace toolkit::support {

/// Drives until `done` holds, at most `limit`. True when it holds.
template <typename Driven, typename Predicate>
bool drive(Driven& driven, Predicate done, Milliseconds limit = std::chrono::seconds(20)) {
  using std::chrono::steady_clock;
  const auto end = steady_clock::now() + limit;
  while (!done() && steady_clock::now() < end) {
    std::vector<pollfd> entries;
    driven.collect(entries);
    const auto next = std::min(end, driven.next_deadline());
    const auto left = std::chrono::ceil<Milliseconds>(next - steady_clock::now()).count();
    ::poll(entries.data(), entries.size(),
           static_cast<int>(std::clamp<Milliseconds::rep>(left, 0, 1000)));
    driven.advance(entries, steady_clock::now());
  }
  return done();
}

/// A socket on a free loopback port.
struct Listener {
  explicit Listener(int family = AF_INET, int type = SOCK_STREAM, int backlog = 16)
      : fd(::socket(family, type | SOCK_CLOEXEC, 0)) {
    if (family == AF_INET6) {
      const int on = 1;
      ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
      sockaddr_in6 address{};
      address.sin6_family = AF_INET6;
      address.sin6_addr = in6addr_loopback;
      bind_to(reinterpret_cast<sockaddr*>(&address), sizeof address);
    } else {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      bind_to(reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
    if (type == SOCK_STREAM) {
      REQUIRE(::listen(fd.get(), backlog) == 0);
    }
  }

  UniqueFd fd;
  std::uint16_t port = 0;

 private:
  void bind_to(const sockaddr* address, socklen_t size) {
    REQUIRE(::bind(fd.get(), address, size) == 0);
    sockaddr_in6 bound{};
    socklen_t bound_size = sizeof bound;
    REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &bound_size) == 0);
    port = ntohs(bound.sin6_port);  // at the same place in both families
  }
};

}  // namespace toolkit::support
