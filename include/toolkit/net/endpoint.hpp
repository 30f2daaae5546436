#pragma once
// Where something listens: a host and a port, or a path.

#include <toolkit/base/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace toolkit::net {

struct Endpoint {
  std::string host;  // a name, 192.0.2.1 or 2001:db8::1, without brackets
  std::uint16_t port = 0;
};

/// "db:5432", "[2001:db8::1]:80"; without a port only where there is a default one. Ports are
/// numbers: slim images have no /etc/services. Error: usage.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text,
                                              std::optional<std::uint16_t> default_port = {});
/// "db:5432", "[2001:db8::1]:80".
[[nodiscard]] std::string to_text(const Endpoint& endpoint);

/// 192.0.2.1 or 2001:db8::1: nothing that must be looked up.
[[nodiscard]] bool is_numeric(std::string_view host);

}  // namespace toolkit::net
