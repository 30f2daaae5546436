#include "../collectors.hpp"
#include "parts.hpp"

#include <toolkit/cgroup/limits.hpp>

namespace toolkit::gpu {
namespace {

std::string in_words(const std::optional<std::uint64_t>& limit) {
  return limit ? std::to_string(*limit) : "unlimited";
}

// 0 1 2 3 8 → "0-3,8"
std::string as_list(const std::vector<std::uint32_t>& cpus) {
  std::string list;
  for (std::size_t from = 0, to = 0; from < cpus.size(); from = to) {
    for (to = from + 1; to < cpus.size() && cpus[to] == cpus[to - 1] + 1; ++to) {
    }
    list += (list.empty() ? "" : ",") + std::to_string(cpus[from]);
    list += to - from > 1 ? "-" + std::to_string(cpus[to - 1]) : "";
  }
  return list;
}

void read_groups(const std::string& root, const machine::Facts& machine, HostFacts& host) {
  using Bytes = cgroup::Limit<std::uint64_t>::State;
  const cgroup::Limits limits =
      cgroup::read_limits(root, {machine.self_cgroup, machine.self_mountinfo});
  if (limits.memory.hard.state == Bytes::set) {
    host.memory_max = limits.memory.hard.value;
  }
  if (limits.pids.max.state == Bytes::set) {
    host.pids_max = limits.pids.max.value;
  }
  host.pids_current = limits.pids.current;
}

}  // namespace

HostFacts read_host(const CollectOptions& options, const machine::Facts& machine,
                    const DriverFacts& driver) {
  const std::string& root = options.root;
  HostFacts host;
  host.shm_total = machine.shared_memory.total;
  host.shm_free = machine.shared_memory.free;
  for (const auto& limit : machine.limits) {
    host.limits[limit.name] = in_words(limit.soft);
  }
  host.memory_total = machine.memory.total;
  host.allowed_cpus = as_list(machine.cpus.allowed);
  read_groups(root, machine, host);
  find_stale_shm(root + "/dev/shm", root + "/proc", host);
  if (root.empty()) {  // a tree of files is looked at, not tried out
    host.shm_allocation_error = try_allocation("/dev/shm");
    host.mempolicy_error = try_mempolicy();
  }
  host.kernel_log = read_kernel_log(root);
  std::vector<GpuPath> gpus;
  for (const PciDevice& device : driver.pci) {
    gpus.push_back({device.address, device.path});
  }
  read_iommu(root, gpus, host);
  return host;
}

}  // namespace toolkit::gpu
