// Any bytes as the loader's cache: entries that lie inside of them, never a crash.
#include "../../../src/gpu/driver/loader_cache.hpp"

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto inside = [&](std::string_view part) {
    return part.empty() || (std::less_equal<>()(bytes.data(), part.data()) &&
                            part.data() + part.size() < bytes.data() + bytes.size());
  };
  // Behind each of the marks too: what a fuzzer does not find by itself in short time.
  const std::string marked = "glibc-ld.so.cache1.1" + std::string(bytes);
  (void)toolkit::gpu::parse_loader_cache(marked);
  for (const auto& entry : toolkit::gpu::parse_loader_cache(bytes).entries) {
    if (entry.path.empty() || !inside(entry.path) || !inside(entry.soname)) {
      std::abort();
    }
  }
  return 0;
}
