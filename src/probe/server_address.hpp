#pragma once
// What the target of a database says: //[USER[:PASSWORD]@]HOST[:PORT][/NAME], percent-encoded as
// in any URL (RFC 3986). The password is in no text that this part gives out.

#include "schemes.hpp"

#include <toolkit/net/endpoint.hpp>

namespace toolkit::probe {

struct ServerAddress {
  net::Endpoint endpoint;
  std::optional<std::string> user;
  std::optional<std::string> password;
  std::string name;  // of a database; its number for Redis
};

/// Mistakes quote nothing of what stands before the @.
[[nodiscard]] tl::expected<ServerAddress, condition::Mistake> parse_server_address(
    const condition::Leaf& leaf, std::uint16_t default_port);

/// RFC 3986 2.1; nothing for half an escape, and for %00, which ends a text in these protocols.
[[nodiscard]] std::optional<std::string> decode_percent(std::string_view text);

}  // namespace toolkit::probe
