#include "listening_socket.hpp"

#include <toolkit/base/text.hpp>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>

namespace toolkit::rendezvous {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Address address_of(const in6_addr& address, std::uint16_t port) {
  Address made{.size = sizeof(sockaddr_in6)};
  auto& ip6 = reinterpret_cast<sockaddr_in6&>(made.storage);
  ip6.sin6_family = AF_INET6;
  ip6.sin6_port = htons(port);
  ip6.sin6_addr = address;
  return made;
}

Address address_of(in_addr address, std::uint16_t port) {
  Address made{.size = sizeof(sockaddr_in)};
  auto& ip4 = reinterpret_cast<sockaddr_in&>(made.storage);
  ip4.sin_family = AF_INET;
  ip4.sin_port = htons(port);
  ip4.sin_addr = address;
  return made;
}

std::optional<Address> numeric(const std::string& host, std::uint16_t port) {
  in6_addr ip6{};
  in_addr ip4{};
  if (::inet_pton(AF_INET6, host.c_str(), &ip6) == 1) {
    return address_of(ip6, port);
  }
  if (::inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(), &ip4) == 1) {
    return address_of(ip4, port);
  }
  return std::nullopt;
}

// The errno; 0 is success.
int listen_at(const Address& address, UniqueFd& fd) {
  fd = UniqueFd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int yes = 1, no = 0;
  if (!fd) {
    return errno;
  }
  // A barrier that was started again must not wait for the connections of the last one to time out.
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (address.storage.ss_family == AF_INET6) {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  }
  const auto* generic = reinterpret_cast<const sockaddr*>(&address.storage);
  const bool listens =
      ::bind(fd.get(), generic, address.size) == 0 && ::listen(fd.get(), SOMAXCONN) == 0;
  return listens ? 0 : errno;
}

std::uint16_t port_of(int fd) {
  Address own{.size = sizeof own.storage};
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&own.storage), &own.size);
  // Both families have the port in the same place.
  return ntohs(reinterpret_cast<const sockaddr_in&>(own.storage).sin_port);
}

}  // namespace

Result<ListeningSocket> listen_on(const std::string& host, std::uint16_t port) {
  const auto given = host.empty() ? address_of(in6addr_any, port) : numeric(host, port);
  if (!given) {
    return fail(
        ErrorKind::usage,
        fmt::format("cannot listen on '{}': not an address of this machine", printable(host)),
        "give a numeric address, or none for all: --listen :29500");
  }
  ListeningSocket made;
  int error = listen_at(*given, made.fd);
  if (host.empty() && (error == EAFNOSUPPORT || error == EADDRNOTAVAIL)) {
    error = listen_at(address_of(in_addr{htonl(INADDR_ANY)}, port), made.fd);  // without IPv6
  }
  if (error != 0) {
    const bool colon = host.find(':') != std::string::npos;
    return fail_errno(
        fmt::format("cannot listen on {}{}{}:{}", colon ? "[" : "", host, colon ? "]" : "", port),
        error,
        error == EADDRINUSE ? "somebody listens there already: choose another port"
                            : std::string());
  }
  made.port = port_of(made.fd.get());
  return made;
}

}  // namespace toolkit::rendezvous
