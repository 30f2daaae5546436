#pragma once
// One row a GPU out of what every side of the facts has seen of it, for tables and JSON.

#include <toolkit/gpu/facts.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

struct Gpu {
  std::optional<int> index;         // as NVML counts
  std::optional<int> cuda_ordinal;  // as programs count, after CUDA_VISIBLE_DEVICES
  std::string address, uuid, name, compute_capability;
  std::optional<std::uint32_t> minor;  // of /dev/nvidiaN
  bool amd = false;
  const NvmlGpu* nvml = nullptr;  // borrowed from the facts
  const PciDevice* pci = nullptr;
};

struct Inventory {
  std::vector<Gpu> gpus;      // that this container has, or all where it has none
  std::size_t of_others = 0;  // that the machine has besides
  bool none_is_ours = false;  // `gpus` are the machine's
};

/// "00000000:3B:00.0" and "0000:3b:00.0" are one: the second.
[[nodiscard]] std::string pci_address(std::string_view text);

[[nodiscard]] Inventory take_inventory(const Facts& facts);

}  // namespace toolkit::gpu
