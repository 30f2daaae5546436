#pragma once
// One request and its answer on a connection that is there.

#include "blocking_connection.hpp"

#include <toolkit/net/http_client.hpp>

namespace toolkit::net {

struct CallEnd {
  Result<HttpResponse> result;
  bool reusable = false;    // the connection is good for another request
  bool never_read = false;  // the peer had closed before a byte of an answer
};

/// `head`: the request line and the fields, ready to be sent.
[[nodiscard]] CallEnd call(BlockingConnection& connection, const ClientRequest& request,
                           const std::string& head);

/// "PUT /a HTTP/1.1" and the fields. `absolute`: for a proxy, RFC 9112, 3.2.2. Error: failed, for a
/// field with a line break in it.
[[nodiscard]] Result<std::string> head_of(const ClientRequest& request, bool absolute,
                                          const std::string& proxy_authorization);

/// An error for why a connection does not go on: "db:443: connection refused".
[[nodiscard]] Error error_of(const Break& gone, const std::string& peer);

}  // namespace toolkit::net
