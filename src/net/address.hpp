#pragma once
// Addresses that need no name server: numbers, and paths of unix sockets.

#include <toolkit/net/resolver.hpp>

#include <netinet/in.h>

namespace toolkit::net {

[[nodiscard]] Address address_of(const in_addr& number, std::uint16_t port);
[[nodiscard]] Address address_of(const in6_addr& number, std::uint16_t port,
                                 std::uint32_t scope = 0);
/// 192.0.2.1, 2001:db8::1, fe80::1%eth0 (RFC 4007); nothing for a name, or a zone that is no
/// interface of ours.
[[nodiscard]] std::optional<Address> numeric_address(const std::string& host, std::uint16_t port);
/// The address of a unix socket, unix(7); a leading @ stands for the NUL of an abstract one.
/// Nothing when it is longer than the 108 bytes that the kernel has for it.
[[nodiscard]] std::optional<Address> path_address(const std::string& path);

}  // namespace toolkit::net
