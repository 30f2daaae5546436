#include <toolkit/base/text.hpp>
#include <toolkit/cgroup/limits.hpp>
#include <toolkit/gpu/inventory.hpp>
#include <toolkit/gpu/topology.hpp>

#include <algorithm>

namespace toolkit::gpu {
namespace {

// The bridges above a device, the host bridge "pci0000:3a" first.
std::vector<std::string_view> bridges_of(std::string_view path) {
  std::vector<std::string_view> parts = split(path, '/');
  const auto host = std::ranges::find_if(
      parts, [](std::string_view part) { return part.starts_with("pci") && part.size() > 3; });
  parts.erase(parts.begin(), host);
  if (!parts.empty()) {
    parts.pop_back();  // the device itself
  }
  return parts;
}

}  // namespace

std::string_view distance_name(Distance distance) {
  constexpr std::string_view kNames[] = {"PIX", "PXB", "PHB", "NODE", "SYS", "?"};
  return kNames[static_cast<std::size_t>(distance)];
}

Distance distance_between(const PciPlace& a, const PciPlace& b) {
  const auto above_a = bridges_of(a.path), above_b = bridges_of(b.path);
  if (above_a.empty() || above_b.empty()) {
    return Distance::unknown;
  }
  const auto [left, right] = std::ranges::mismatch(above_a, above_b);
  const auto common = left - above_a.begin();
  if (common == 0) {  // -1 on both: the machine has one NUMA node
    return a.numa_node && a.numa_node == b.numa_node ? Distance::node
           : a.numa_node && b.numa_node              ? Distance::sys
                                                     : Distance::unknown;
  }
  if (common == 1) {
    // Functions of the root complex itself, too, meet at the host bridge only.
    return Distance::phb;
  }
  // Below what they share, one downstream port of the same switch each, or nothing.
  const bool one_switch = above_a.end() - left <= 1 && above_b.end() - right <= 1;
  return one_switch ? Distance::pix : Distance::pxb;
}

std::vector<const RdmaAdapter*> adapters_here(const RdmaFacts& rdma) {
  std::vector<const RdmaAdapter*> here;
  for (const RdmaAdapter& adapter : rdma.adapters) {
    if (adapter.verbs_open_error == 0) {
      here.push_back(&adapter);
    }
  }
  return here;
}

AdapterTable adapter_table(const Facts& facts) {
  AdapterTable table;
  const auto adapters = adapters_here(facts.rdma);
  for (const RdmaAdapter* adapter : adapters) {
    table.adapters.push_back(adapter->name);
  }
  for (const Gpu& gpu : take_inventory(facts).gpus) {
    if (gpu.pci == nullptr) {
      continue;
    }
    auto& row = table.rows.emplace_back();
    row.gpu = gpu.address;
    for (const RdmaAdapter* adapter : adapters) {
      row.distances.push_back(distance_between({gpu.pci->path, gpu.pci->numa_node},
                                               {adapter->pci_path, adapter->numa_node}));
    }
  }
  return table;
}

std::optional<bool> cpu_lists_meet(std::string_view a, std::string_view b) {
  const auto first = cgroup::parse_cpu_list(a), second = cgroup::parse_cpu_list(b);
  if (!first || !second || first->empty() || second->empty()) {
    return std::nullopt;
  }
  return std::ranges::any_of(
      *first, [&](std::uint32_t cpu) { return std::ranges::find(*second, cpu) != second->end(); });
}

std::optional<std::size_t> cpu_count(std::string_view list) {
  const auto cpus = cgroup::parse_cpu_list(list);
  return cpus && !cpus->empty() ? std::optional(cpus->size()) : std::nullopt;
}

}  // namespace toolkit::gpu
