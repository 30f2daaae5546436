// Any value of CUDA_VISIBLE_DEVICES: every entry is a GPU that is there, and none stands twice.
#include <toolkit/gpu/visible_devices.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace toolkit::gpu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<VisibleCandidate> gpus{
      {"GPU-8932f937-d72c", {}},
      {"GPU-8932ffff-0000", {}},
      {"GPU-1e1e1e1e", {{"MIG-89-1", "1/0"}, {"MIG-89-2", "2/0"}}}};
  const VisibleDevices visible =
      visible_devices(std::string_view(reinterpret_cast<const char*>(data), size), gpus);
  for (std::size_t i = 0; i < visible.entries.size(); ++i) {
    const VisibleEntry& one = visible.entries[i];
    if (one.gpu >= gpus.size() ||
        (one.instance && *one.instance >= gpus[one.gpu].instances.size())) {
      std::abort();
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (visible.entries[j].gpu == one.gpu && visible.entries[j].instance == one.instance) {
        std::abort();
      }
    }
  }
  return 0;
}
