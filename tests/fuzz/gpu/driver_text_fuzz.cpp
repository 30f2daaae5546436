// Any text in the files of /proc that the driver's facts come from: never a crash, and what is told
// is what those who read it rely on.
#include "../../../src/gpu/driver/mounts.hpp"
#include "../../../src/gpu/driver/proc_text.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

void require(bool right) {
  if (!right) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace toolkit::gpu;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& [name, major] : parse_majors(text)) {
    require(!name.empty() && major <= 0xfffff);
  }
  const std::string version = version_in(text);
  require(version.empty() || is_version(version));
  const ProcGpu gpu = parse_information("0000:3b:00.0", text);
  require(gpu.minor.value_or(0) < 255);
  (void)parse_hex(text);
  const auto mounts = parse_mounts(text);
  for (const std::string_view path :
       {"/", "/usr/lib/libcuda.so.1", "/proc/driver/nvidia/version"}) {
    const Mount* mount = mount_of(mounts, path);
    require(mount == nullptr || path.starts_with(mount->point));
  }
  return 0;
}
