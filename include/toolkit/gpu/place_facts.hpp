#pragma once
// Where this process stands: the container's runtime and what was asked of it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace toolkit::gpu {

struct PlaceFacts {
  std::string runtime;    // "docker", "containerd", "gvisor", "wsl2", "jetson", "none", "" unseen
  std::string injection;  // how the driver came in: "legacy", "cdi", "none", "" unseen
  std::string kernel;     // uname -r
  std::string architecture;  // "x86_64", "aarch64"
  std::uint32_t uid = 0;
  std::optional<std::uint64_t> capabilities;  // CapEff
  /// Those that say something of GPUs: NVIDIA_*, CUDA_*, NCCL_*, SLURM_*, ROCR_*, HIP_* and the
  /// like.
  std::map<std::string, std::string> variables;
  std::vector<std::string> volume_devices;  // names in /var/run/nvidia-container-devices

  static void fields(auto& self, auto& visit) {
    visit("runtime", self.runtime);
    visit("injection", self.injection);
    visit("kernel", self.kernel);
    visit("architecture", self.architecture);
    visit("uid", self.uid);
    visit("capabilities", self.capabilities);
    visit("variables", self.variables);
    visit("volume_devices", self.volume_devices);
  }
};

}  // namespace toolkit::gpu
