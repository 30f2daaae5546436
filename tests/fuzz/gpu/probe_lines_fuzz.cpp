// Any bytes of a probe, in whatever pieces they come, become the same facts.
#include "src/gpu/probe/lines.hpp"

#include <toolkit/gpu/facts_json.hpp>

#include <cstdint>
#include <cstdlib>

using namespace toolkit::gpu;

namespace {

std::string facts_of(std::string_view bytes, std::size_t piece) {
  Facts facts;
  facts.driver.nodes.push_back({"/dev/nvidia0", true, {}, {}, {}, {}, {}, {}});
  LineReader reader(facts);
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(bytes.substr(at, piece));
  }
  return to_json(facts) + reader.phase() + (reader.ended() ? "!" : "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (facts_of(bytes, size + 1) != facts_of(bytes, 7)) {
    std::abort();
  }
  return 0;
}
