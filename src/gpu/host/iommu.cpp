// What stands between devices that talk to each other without the CPU: the IOMMU, and bridges
// whose Access Control Services send everything up to the root.
#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <algorithm>
#include <array>

namespace toolkit::gpu {
namespace {

// linux/pci_regs.h
constexpr std::size_t kExtended = 0x100, kConfiguration = 4096, kHeaderSize = 4;
constexpr std::uint32_t kAcsCapability = 0x0d;
constexpr std::size_t kAcsControl = 0x06;

std::uint32_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size && at + i < bytes.size(); ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return value;
}

// Only what concerns us: the rest of a command line is nobody's business.
std::string kernel_options(std::string_view line) {
  constexpr std::array<std::string_view, 5> kPrefixes{"iommu", "intel_iommu", "amd_iommu",
                                                      "pci=", "pcie_acs"};
  std::string found;
  for (const std::string_view word : split(trim(line), ' ')) {
    if (std::ranges::any_of(kPrefixes, [&](auto prefix) { return word.starts_with(prefix); })) {
      found += (found.empty() ? "" : " ") + std::string(word);
    }
  }
  return found;
}

void read_bridges(const std::string& root, std::string_view path, HostFacts& host) {
  auto parts = split(path, '/');
  parts.pop_back();  // the GPU itself
  for (const std::string_view bridge : parts) {
    const std::string address(bridge);
    if (bridge.starts_with("pci") || host.acs_control.contains(address)) {
      continue;
    }
    const auto bytes = read_kernel_file(root + "/sys/bus/pci/devices/" + address + "/config");
    // Without privilege the kernel gives the first 64 bytes, pci_read_config().
    if (!bytes || bytes->size() < kExtended + kHeaderSize) {
      host.acs_hidden = true;
    } else if (const auto control = acs_control(*bytes)) {
      host.acs_control[address] = *control;
    }
  }
}

}  // namespace

std::optional<std::uint32_t> acs_control(std::string_view configuration) {
  for (std::size_t at = kExtended, hops = 0;
       at >= kExtended && at + kAcsControl + 2 <= configuration.size() &&
       hops < kConfiguration / kHeaderSize;
       ++hops) {
    const std::uint32_t header = little_endian(configuration, at, kHeaderSize);
    if ((header & 0xffff) == kAcsCapability) {
      return little_endian(configuration, at + kAcsControl, 2);
    }
    at = header >> 20;
  }
  return std::nullopt;
}

void read_iommu(const std::string& root, const std::vector<GpuPath>& gpus, HostFacts& host) {
  host.iommus = sorted_entries(root + "/sys/class/iommu");
  host.kernel_options = kernel_options(read_kernel_file(root + "/proc/cmdline").value_or(""));
  for (const GpuPath& gpu : gpus) {
    host.acs_hidden = host.acs_hidden.value_or(false);
    const auto type =
        read_kernel_file(root + "/sys/bus/pci/devices/" + gpu.address + "/iommu_group/type");
    if (type) {
      host.iommu_types[gpu.address] = trim(*type);
    }
    read_bridges(root, gpu.path, host);
  }
}

}  // namespace toolkit::gpu
