#pragma once
// The parts of the host's facts that nobody else reads.

#include <toolkit/gpu/host_facts.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

/// Takes 33 MB in a file without a name and gives them back at once: what NCCL's buffers of a pair
/// of GPUs do. The errno, 0 fine.
[[nodiscard]] int try_allocation(const std::string& directory);

/// nccl-* in `directory` that no process in `processes` ("/proc") has mapped. NCCL removes their
/// names once all ranks are connected, so those that stay are of jobs that were killed.
void find_stale_shm(const std::string& directory, const std::string& processes, HostFacts& host);

/// get_mempolicy(2): errno, 0 fine.
[[nodiscard]] int try_mempolicy();

/// Lines with NVRM of the kernel's ring, where /dev/kmsg may be read.
[[nodiscard]] std::optional<std::string> read_kernel_log(const std::string& root);

/// The IOMMU, and who of the bridges above `gpus` (paths below /sys/devices) redirects.
struct GpuPath {
  std::string address, path;
};
void read_iommu(const std::string& root, const std::vector<GpuPath>& gpus, HostFacts& host);

/// The ACS control register in a PCI device's configuration space; nothing without the capability
/// or where the space is cut short.
[[nodiscard]] std::optional<std::uint32_t> acs_control(std::string_view configuration);

}  // namespace toolkit::gpu
