#include "../collectors.hpp"
#include "parts.hpp"

#include <toolkit/base/file.hpp>

#include <unistd.h>

#include <utility>

namespace toolkit::gpu {
namespace {

// Where the driver is another one than elsewhere, that matters more than who made the container.
void find_special(const std::string& root, PlaceFacts& place) {
  constexpr std::pair<const char*, const char*> kSigns[] = {{"/dev/dxg", "wsl2"},
                                                            {"/etc/nv_tegra_release", "jetson"}};
  for (const auto& [path, name] : kSigns) {
    if (place.runtime != "gvisor" && ::access((root + path).c_str(), F_OK) == 0) {
      place.runtime = name;
      place.runtime_evidence = path;
    }
  }
}

}  // namespace

PlaceFacts read_place(const CollectOptions& options, const machine::Facts& machine) {
  PlaceFacts place;
  place.runtime = machine.runtime.name;
  place.runtime_evidence = machine.runtime.evidence;
  place.kubernetes = machine.runtime.kubernetes;
  find_special(options.root, place);
  place.kernel = machine.kernel.release;
  place.architecture = machine.kernel.architecture;
  place.uid = machine.user.euid;
  place.capabilities = machine.user.capabilities;
  if (machine.self_mountinfo) {
    find_injection(*machine.self_mountinfo, place);
  }
  place.variables = gpu_variables(options.environment);
  // What the device plugin mounts where the variable is not trusted, one file a device.
  place.volume_devices = sorted_entries(options.root + "/var/run/nvidia-container-devices");
  return place;
}

}  // namespace toolkit::gpu
