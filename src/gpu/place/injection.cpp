#include "parts.hpp"

#include <toolkit/base/text.hpp>

namespace toolkit::gpu {
namespace {

constexpr std::size_t kMountPoint = 4;  // proc_pid_mountinfo(5)

bool is_driver_library(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name.starts_with("libcuda.so") || name.starts_with("libnvidia-ml.so");
}

}  // namespace

void find_injection(std::string_view mountinfo, PlaceFacts& place) {
  place.injection = "none";
  for (const std::string_view line : split(mountinfo, '\n')) {
    const auto fields = split(line, ' ');
    if (fields.size() <= kMountPoint) {
      continue;
    }
    const std::string_view point = fields[kMountPoint];
    const std::string_view found = point == "/proc/driver/nvidia"          ? "legacy"
                                   : point == "/proc/driver/nvidia/params" ? "cdi"
                                   : is_driver_library(point)              ? "mounts"
                                                                           : "";
    if (found == "legacy" || (!found.empty() && place.injection != "legacy" &&
                              (place.injection == "none" || found == "cdi"))) {
      place.injection = found;
      place.injection_evidence = line;
    }
  }
}

}  // namespace toolkit::gpu
