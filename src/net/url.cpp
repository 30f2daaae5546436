#include <toolkit/base/text.hpp>
#include <toolkit/net/url.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::net {
namespace {

constexpr std::uint16_t kHttpPort = 80, kHttpsPort = 443;

Failure no_url(std::string message) {
  return fail(ErrorKind::usage, std::move(message), "as in http://db:8080/ready");
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  const bool there = text.starts_with(prefix);
  text.remove_prefix(there ? prefix.size() : 0);
  return there;
}

bool is_control_or_blank(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7F'; }

std::string escape(std::string_view target) {
  std::string escaped;
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    escaped += byte < 0x80 ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return escaped;
}

std::string target_of(std::string_view rest) {
  rest = rest.substr(0, rest.find('#'));
  return (rest.starts_with('/') ? "" : "/") + escape(rest);
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  Url url;
  url.tls = take_prefix(text, "https://");
  if (!url.tls && !take_prefix(text, "http://")) {
    return no_url("a URL begins with http:// or https://");
  }
  if (std::ranges::any_of(text, is_control_or_blank)) {
    return no_url("a URL has no blanks: write %20");
  }
  const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) {
    return no_url("user names and passwords in a URL are not sent");
  }
  const std::uint16_t default_port = url.tls ? kHttpsPort : kHttpPort;
  // "2001:db8::1" would be an endpoint, and is no authority: RFC 3986, 3.2.2 wants brackets.
  const bool bare_literal = std::ranges::count(authority, ':') > 1 && !authority.starts_with('[');
  const auto endpoint = parse_endpoint(authority, default_port);
  if (!endpoint || bare_literal) {
    return no_url(fmt::format("'{}' is not HOST or HOST:PORT", printable(authority.substr(0, 80))));
  }
  url.endpoint = *endpoint;
  url.host = to_text(url.endpoint);
  if (url.endpoint.port == default_port) {
    url.host.resize(url.host.rfind(':'));
  }
  url.target = target_of(text.substr(authority.size()));
  return url;
}

}  // namespace toolkit::net
