// Any bytes are a usage error or assignments that parse_assignment accepts too.
#include <toolkit/environment/env_file.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace toolkit::environment;
  const auto assignments = parse_env_file({reinterpret_cast<const char*>(data), size}, "file");
  if (!assignments) {
    return 0;
  }
  for (const auto& [key, value] : *assignments) {
    const auto again = parse_assignment(key + "=" + value);
    if (!again || *again != Assignment(key, value)) {
      std::abort();
    }
  }
  return 0;
}
