#pragma once
// Where this process stands: the container's runtime and what was asked of it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace toolkit::gpu {

struct PlaceFacts {
  std::string runtime;  // "docker", "containerd", "gvisor", "wsl2", "jetson", "none", "" unseen
  std::string runtime_evidence;  // "/.dockerenv"
  bool kubernetes = false;
  /// How the driver came in: "legacy" (libnvidia-container), "cdi", "mounts" (by hand, a platform's
  /// or Apptainer's), "none", "" unseen.
  std::string injection;
  std::string injection_evidence;  // a line of /proc/self/mountinfo
  std::string kernel;              // uname -r
  std::string architecture;        // "x86_64", "aarch64"
  std::uint32_t uid = 0;
  std::optional<std::uint64_t> capabilities;  // CapEff
  /// Those that say something of GPUs: NVIDIA_*, CUDA_*, NCCL_*, ROCR_*, HIP_* and the like, of
  /// Slurm's those with GPU or GRES in their names. Values of secrets are masked.
  std::map<std::string, std::string> variables;
  std::vector<std::string> volume_devices;  // names in /var/run/nvidia-container-devices

  static void fields(auto& self, auto& visit) {
    visit("runtime", self.runtime);
    visit("runtime_evidence", self.runtime_evidence);
    visit("kubernetes", self.kubernetes);
    visit("injection", self.injection);
    visit("injection_evidence", self.injection_evidence);
    visit("kernel", self.kernel);
    visit("architecture", self.architecture);
    visit("uid", self.uid);
    visit("capabilities", self.capabilities);
    visit("variables", self.variables);
    visit("volume_devices", self.volume_devices);
  }
};

}  // namespace toolkit::gpu
