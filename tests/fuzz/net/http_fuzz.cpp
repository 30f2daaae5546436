// Any bytes as an answer by HTTP, whole and byte by byte: both must come to the same end, with a
// body of at most 1 MiB. The first byte chooses HEAD, and whether the body is wanted.
#include <src/net/http_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace toolkit::net;

namespace {

HttpExchange::Answer parse(unsigned choice, std::string_view bytes, std::size_t step) {
  const auto parser = HttpParser::make((choice & 1) != 0, (choice & 2) != 0);
  std::string inbox;
  while (!bytes.empty()) {
    inbox += bytes.substr(0, step);
    bytes.remove_prefix(std::min(step, bytes.size()));
    if (auto answer = parser->take(inbox, false)) {
      return *answer;
    }
  }
  auto answer = parser->take(inbox, true);
  if (!answer) {
    std::abort();
  }
  return *answer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = parse(data[0], bytes, bytes.size() + 1);
  const auto pieces = parse(data[0], bytes, 1);
  if (whole.has_value() != pieces.has_value()) {
    std::abort();
  }
  if (whole
          ? whole->status != pieces->status || whole->status < 200 || whole->body.size() > (1 << 20)
          : whole.error().words.empty()) {
    std::abort();
  }
  return 0;
}
