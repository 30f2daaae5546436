// Any bytes as the JSON that a platform leaves in a variable or a file: an error in words, or a
// tree that is not too deep.
#include <src/cluster/json_input.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

using toolkit::cluster::JsonInput;

namespace {

std::size_t depth_of(const JsonInput& value) {
  std::size_t deepest = 0;
  for (const auto& member : value.members) {
    deepest = std::max(deepest, depth_of(member.value));
  }
  return deepest + 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json =
      toolkit::cluster::parse_json({reinterpret_cast<const char*>(data), size}, "TF_CONFIG");
  if (!json) {
    if (!json.error().message.starts_with("TF_CONFIG: ")) {
      std::abort();
    }
    return 0;
  }
  if (depth_of(*json) > 65) {
    std::abort();
  }
  (void)json->find("cluster");
  (void)json->texts();
  return 0;
}
