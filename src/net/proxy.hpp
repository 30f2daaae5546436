#pragma once
// Which HTTP proxy the environment wants for a URL, by the rules that curl and Python's requests
// share: http_proxy, https_proxy, all_proxy and no_proxy, in lower case first, then in capitals.

#include <toolkit/base/result.hpp>
#include <toolkit/net/url.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace toolkit::net {

using GetEnv = const char* (*)(const char*);

struct Proxy {
  Endpoint endpoint;
  std::string authorization;  // of the Proxy-Authorization field; secret; empty for none
};

/// Nothing: straight to the server, as always to this machine itself and to link-local addresses,
/// where instances and containers have their metadata. Errors: usage, naming the variable; https://
/// and socks:// proxies are not spoken to.
[[nodiscard]] Result<std::optional<Proxy>> proxy_for(const Url& url, GetEnv get_env);

/// Whether a no_proxy list holds the host: "*", a name (and all names below it, with or without a
/// leading dot), a name with a port, an address, a network ("10.0.0.0/8").
[[nodiscard]] bool is_listed(std::string_view no_proxy, const Endpoint& endpoint);

}  // namespace toolkit::net
