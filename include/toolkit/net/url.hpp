#pragma once
// http:// and https:// URLs, RFC 3986, as far as a request needs them.

#include <toolkit/net/endpoint.hpp>

namespace toolkit::net {

struct Url {
  bool tls = false;    // https
  Endpoint endpoint;   // port 80 or 443 where none is written
  std::string host;    // for the Host field: "db", "db:8080", "[::1]:8080"
  std::string target;  // "/", "/ready?full=1": what stands behind the host, without a fragment
};

/// Bytes outside ASCII in the target are escaped (RFC 3986, 2.1). Errors: usage; another scheme,
/// no host, blanks or control characters, and user names: what is secret does not belong on a
/// command line. The message does not quote what stands before an @.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

}  // namespace toolkit::net
