#pragma once
// Questions to name servers, through c-ares, on a channel of their own that is set up anew for each
// lookup (resolv.conf(5) may have changed, and so may the servers' minds).

#include <toolkit/net/resolver.hpp>

namespace toolkit::net {

/// `server` as in Lookup::of. Never null.
[[nodiscard]] std::unique_ptr<Lookup> ask_name_servers(const Endpoint& endpoint, Record record,
                                                       const std::string& server);

}  // namespace toolkit::net
