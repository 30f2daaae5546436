#include "proxy.hpp"

#include "address.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/net/digest.hpp>

#include <fmt/core.h>

#include <cstring>
#include <span>

namespace toolkit::net {
namespace {

struct Variable {
  std::string name, value;
};

// The lower-case name, then the upper-case one; an empty value counts as none.
Variable look_up(GetEnv get_env, const std::string& name) {
  for (const std::string& variant : {name, to_upper(name)}) {
    const char* value = get_env(variant.c_str());
    if (value != nullptr && *value != '\0') {
      return {variant, value};
    }
  }
  return {};
}

Failure no_proxy_url(const std::string& variable, std::string_view why) {
  return fail(ErrorKind::usage, fmt::format("{}: {}", variable, why),
              fmt::format("{}=http://HOST:PORT, or unset it", variable));
}

int hex_value(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                         hex_value(text[i + 2]) >= 0;
    plain +=
        escaped ? static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])) : text[i];
    i += escaped ? 2 : 0;
  }
  return plain;
}

Result<Proxy> parse_proxy(const Variable& variable) {
  std::string_view text = variable.value;
  if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else if (text.find("://") != std::string_view::npos) {
    return no_proxy_url(variable.name, "only proxies with http:// are spoken to");
  }
  Proxy proxy;
  text = text.substr(0, text.find('/'));
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    proxy.authorization = "Basic " + to_base64(unescape(text.substr(0, at)));
    text.remove_prefix(at + 1);
  }
  constexpr std::uint16_t kDefaultPort = 80;
  const auto endpoint = parse_endpoint(text, kDefaultPort);
  if (!endpoint) {
    return no_proxy_url(variable.name, "is not HOST:PORT");
  }
  proxy.endpoint = *endpoint;
  return proxy;
}

std::span<const unsigned char> bytes_of(const Address& address) {
  const void* at = &address.storage;
  if (address.storage.ss_family == AF_INET) {
    return {reinterpret_cast<const unsigned char*>(&static_cast<const sockaddr_in*>(at)->sin_addr),
            4};
  }
  return {reinterpret_cast<const unsigned char*>(&static_cast<const sockaddr_in6*>(at)->sin6_addr),
          16};
}

// "10.0.0.0/8", "fd00::/8".
bool is_in_network(const std::string& host, std::string_view network) {
  const std::size_t slash = network.find('/');
  const auto address = numeric_address(host, 0);
  const auto base = numeric_address(std::string(network.substr(0, slash)), 0);
  const auto bits = parse_whole(slash < network.size() ? network.substr(slash + 1) : "");
  if (!address || !base || !bits || address->storage.ss_family != base->storage.ss_family) {
    return false;
  }
  const auto ours = bytes_of(*address), theirs = bytes_of(*base);
  if (static_cast<std::size_t>(*bits) > ours.size() * 8) {
    return false;
  }
  const auto whole = static_cast<std::size_t>(*bits / 8);
  const auto rest = static_cast<unsigned>(*bits % 8);
  return std::memcmp(ours.data(), theirs.data(), whole) == 0 &&
         (rest == 0 || ((ours[whole] ^ theirs[whole]) >> (8 - rest)) == 0);
}

bool fits(std::string entry, const Endpoint& endpoint) {
  const std::string host = to_upper(endpoint.host);
  const std::string port = fmt::format(":{}", endpoint.port);
  if (entry.ends_with(port) && entry.find(':') == entry.size() - port.size()) {
    entry.resize(entry.size() - port.size());
  }
  entry.erase(0, entry.starts_with("*.") ? 2 : entry.starts_with('.') ? 1 : 0);
  return !entry.empty() &&
         (entry == "*" || host == to_upper(entry) || host.ends_with('.' + to_upper(entry)) ||
          is_in_network(endpoint.host, entry));
}

bool is_near(const Endpoint& endpoint) {
  constexpr std::string_view kNear = "localhost,127.0.0.0/8,::1/128,169.254.0.0/16,fe80::/10";
  return is_listed(kNear, endpoint);
}

}  // namespace

Result<std::optional<Proxy>> proxy_for(const Url& url, GetEnv get_env) {
  if (get_env == nullptr || is_near(url.endpoint) ||
      is_listed(look_up(get_env, "no_proxy").value, url.endpoint)) {
    return std::nullopt;
  }
  Variable variable = look_up(get_env, url.tls ? "https_proxy" : "http_proxy");
  if (variable.value.empty()) {
    variable = look_up(get_env, "all_proxy");
  }
  if (variable.value.empty()) {
    return std::nullopt;
  }
  return parse_proxy(variable);
}

bool is_listed(std::string_view no_proxy, const Endpoint& endpoint) {
  for (const std::string_view entry : split(no_proxy, ',')) {
    if (fits(std::string(trim(entry)), endpoint)) {
      return true;
    }
  }
  return false;
}

}  // namespace toolkit::net
