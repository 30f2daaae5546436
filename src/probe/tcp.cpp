// tcp://HOST:PORT [banner~REGEX]: somebody listens there, and says something first.
#include "connecting.hpp"
#include "schemes.hpp"
#include "transport.hpp"

namespace toolkit::probe {

Made make_tcp(const condition::Leaf& leaf, const Settings& /*settings*/) {
  if (auto unknown = unknown_parameter(leaf, {"banner"})) {
    return tl::unexpected(std::move(*unknown));
  }
  std::string_view text = leaf.target.text;
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    text.remove_suffix(text.ends_with('/') ? 1 : 0);
  }
  auto endpoint = net::parse_endpoint(text);
  if (!endpoint) {
    return mistake(leaf, leaf.target, std::move(endpoint.error().message),
                   std::move(endpoint.error().remedy));
  }
  auto banner = banner_of(leaf);
  if (!banner) {
    return tl::unexpected(std::move(banner).error());
  }
  return make_connecting_probe([to = std::move(*endpoint)] { return net::Stream::to(to); },
                               std::move(*banner), &finding_of);
}

}  // namespace toolkit::probe
