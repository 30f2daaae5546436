#pragma once
// How far GPUs and adapters are from each other on the PCI bus. Pure.

#include <toolkit/gpu/facts.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

/// The words of `nvidia-smi topo -m`. NCCL's levels are the same but for NODE, which it counts as
/// PHB: its PHB is "the same NUMA node".
enum class Distance {
  pix,      // at most one PCIe switch
  pxb,      // several switches, no host bridge
  phb,      // a host bridge, typically the CPU
  node,     // host bridges of one NUMA node
  sys,      // between NUMA nodes
  unknown,  // sysfs does not say
};
[[nodiscard]] std::string_view distance_name(Distance distance);  // "PIX"

struct PciPlace {
  std::string_view path;  // as PciDevice::path and RdmaAdapter::pci_path
  std::optional<int> numa_node;
};
[[nodiscard]] Distance distance_between(const PciPlace& a, const PciPlace& b);

/// The adapters whose verbs device is in this container. Others belong to somebody else.
[[nodiscard]] std::vector<const RdmaAdapter*> adapters_here(const RdmaFacts& rdma);

struct AdapterTable {
  std::vector<std::string> adapters;  // columns
  struct Row {
    std::string gpu;  // PCI address
    std::vector<Distance> distances;
  };
  std::vector<Row> rows;  // NVIDIA's GPUs of take_inventory() that the bus shows
};
[[nodiscard]] AdapterTable adapter_table(const Facts& facts);

/// Whether two lists like "0-31,64" have a CPU in common; nothing when one is no such list.
[[nodiscard]] std::optional<bool> cpu_lists_meet(std::string_view a, std::string_view b);
/// 33 of "0-31,64"
[[nodiscard]] std::optional<std::size_t> cpu_count(std::string_view list);

}  // namespace toolkit::gpu
