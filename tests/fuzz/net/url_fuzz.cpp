// Any bytes as an endpoint and as a URL: what is taken must be taken again, in the form that is
// printed, as the same; nothing that is taken may break the line of a request.
#include <toolkit/net/url.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace toolkit::net;

namespace {

void require(bool truth) {
  if (!truth) {
    std::abort();
  }
}

bool is_one_word(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto endpoint = parse_endpoint(text, 1)) {
    const auto again = parse_endpoint(to_text(*endpoint));
    require(again && again->host == endpoint->host && again->port == endpoint->port);
  }
  if (const auto url = parse_url(text)) {
    require(is_one_word(url->host) && is_one_word(url->target) && url->target.starts_with('/'));
    const auto again = parse_url((url->tls ? "https://" : "http://") + url->host + url->target);
    require(again && again->host == url->host && again->target == url->target);
  } else {
    require(!url.error().message.empty());
  }
  return 0;
}
