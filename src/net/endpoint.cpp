#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/net/endpoint.hpp>

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>

namespace toolkit::net {
namespace {

constexpr std::size_t kLongestName = 253;  // RFC 1035, 2.3.4, as text

// What may stand in a name: no rule of DNS is imposed on letters, since /etc/hosts has none.
bool is_name(std::string_view host) {
  return !host.empty() && host.size() <= kLongestName && std::ranges::all_of(host, [](char c) {
    return c > ' ' && c < 0x7F &&
           std::string_view("/\\?#@[]:%\"'<>").find(c) == std::string_view::npos;
  });
}

// An IPv6 literal, with a zone (RFC 4007: fe80::1%eth0) or without.
bool is_ipv6(std::string_view host) {
  const auto percent = host.find('%');
  const std::string number(host.substr(0, percent));
  in6_addr address{};
  return number.find('\0') == std::string::npos &&
         ::inet_pton(AF_INET6, number.c_str(), &address) == 1 &&
         (percent == std::string_view::npos || is_name(host.substr(percent + 1)));
}

// Somebody may have given a user and a password, as in a URL.
Failure no_endpoint(std::string_view text, std::string_view why) {
  const std::string masked = mask_secrets(fmt::format("://{}", text)).substr(3, 80);
  return fail(ErrorKind::usage, fmt::format("'{}' is not HOST:PORT: {}", printable(masked), why),
              "as in db:5432, 192.0.2.1:80 or [2001:db8::1]:80");
}

struct Halves {
  std::string_view host;
  std::optional<std::string_view> port;
};

// At the last colon; behind the bracket of an IPv6 literal. A bare literal has no port.
Halves cut(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos) {
      return {text, {}};
    }
    const auto rest = text.substr(close + 1);
    if (rest.empty() || rest[0] != ':') {
      return {text, {}};
    }
    return {text.substr(0, close + 1), rest.substr(1)};
  }
  const auto colon = text.rfind(':');
  if (colon == text.npos || text.find(':') != colon) {
    return {text, {}};
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::optional<std::string> host_of(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    return is_ipv6(host) ? std::optional(std::string(host)) : std::nullopt;
  }
  return is_name(host) || is_ipv6(host) ? std::optional(std::string(host)) : std::nullopt;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text, std::optional<std::uint16_t> default_port) {
  const Halves halves = cut(text);
  const auto host = host_of(halves.host);
  if (!host) {
    return no_endpoint(text, halves.host.empty() ? "the host is missing" : "the host is none");
  }
  if (!halves.port) {
    if (!default_port) {
      return no_endpoint(text, is_ipv6(halves.host)
                                   ? "an IPv6 address needs brackets and a port behind them"
                                   : "the port is missing");
    }
    return Endpoint{*host, *default_port};
  }
  const auto port = parse_whole(*halves.port);
  if (!port || *port < 1 || *port > 65535) {
    return no_endpoint(text, "a port is a number from 1 to 65535");
  }
  return Endpoint{*host, static_cast<std::uint16_t>(*port)};
}

std::string to_text(const Endpoint& endpoint) {
  const bool literal = endpoint.host.find(':') != std::string::npos;
  return literal ? fmt::format("[{}]:{}", endpoint.host, endpoint.port)
                 : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

bool is_numeric(std::string_view host) {
  in_addr four{};
  return is_ipv6(host) || ::inet_pton(AF_INET, std::string(host).c_str(), &four) == 1;
}

}  // namespace toolkit::net
