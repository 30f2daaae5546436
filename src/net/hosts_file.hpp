#pragma once
// hosts(5): names that need no name server. Read anew at each lookup, since kubelets and container
// engines rewrite it while programs run.

#include <toolkit/net/resolver.hpp>

namespace toolkit::net {

/// All addresses of a name in a hosts file's text, in its order; upper and lower case are the same.
[[nodiscard]] std::vector<Address> hosts_in(std::string_view text, std::string_view name,
                                            std::uint16_t port);
/// The same in a file, and the loopback addresses for localhost and *.localhost, which need no file
/// (RFC 6761, 6.3). Empty when it does not say, or is not there.
[[nodiscard]] std::vector<Address> hosts(const std::string& name, std::uint16_t port,
                                         const std::string& path = "/etc/hosts");

}  // namespace toolkit::net
