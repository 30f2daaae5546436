#pragma once
// What the machine and the container's limits leave for training: shared memory, locked memory,
// RDMA adapters and the way from them to the GPUs; AMD's GPUs as sysfs shows them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace toolkit::gpu {

struct HostFacts {
  std::optional<std::uint64_t> shm_total, shm_free;  // bytes
  std::optional<int> shm_allocation_error;           // errno of a real 33 MB allocation; 0 fine
  std::vector<std::string> stale_shm;                // nccl-* of nobody alive
  std::map<std::string, std::string> limits;         // "memlock": "65536", "unlimited"
  std::optional<std::uint64_t> memory_max, pids_max, memory_total;  // cgroup, bytes; nothing: none
  std::optional<int> mempolicy_error;     // get_mempolicy(2): errno, 0 fine
  std::string allowed_cpus;               // "0-7"
  std::optional<std::string> kernel_log;  // lines with NVRM, where /dev/kmsg may be read

  static void fields(auto& self, auto& visit) {
    visit("shm_total", self.shm_total);
    visit("shm_free", self.shm_free);
    visit("shm_allocation_error", self.shm_allocation_error);
    visit("stale_shm", self.stale_shm);
    visit("limits", self.limits);
    visit("memory_max", self.memory_max);
    visit("pids_max", self.pids_max);
    visit("memory_total", self.memory_total);
    visit("mempolicy_error", self.mempolicy_error);
    visit("allowed_cpus", self.allowed_cpus);
    visit("kernel_log", self.kernel_log);
  }
};

struct RdmaGid {
  int index = 0;
  std::string gid, type, interface;  // "RoCE v2"
  int error = 0;                     // errno of the read: EINVAL in a foreign namespace

  static void fields(auto& self, auto& visit) {
    visit("index", self.index);
    visit("gid", self.gid);
    visit("type", self.type);
    visit("interface", self.interface);
    visit("error", self.error);
  }
};

struct RdmaPort {
  int number = 0;
  std::string state, physical_state, rate, link_layer;  // as sysfs writes them
  std::optional<std::uint32_t> lid, subnet_manager_lid;
  std::vector<RdmaGid> gids;
  std::vector<std::string> pkeys;
  std::map<std::string, std::string> counters;

  static void fields(auto& self, auto& visit) {
    visit("number", self.number);
    visit("state", self.state);
    visit("physical_state", self.physical_state);
    visit("rate", self.rate);
    visit("link_layer", self.link_layer);
    visit("lid", self.lid);
    visit("subnet_manager_lid", self.subnet_manager_lid);
    visit("gids", self.gids);
    visit("pkeys", self.pkeys);
    visit("counters", self.counters);
  }
};

struct RdmaAdapter {
  std::string name, driver, pci_address, pci_path;  // "mlx5_0", "mlx5_core"
  std::optional<int> numa_node;
  std::string node_guid, verbs;  // "uverbs0"
  bool virtual_function = false;
  std::optional<int> verbs_open_error;  // errno of /dev/infiniband/uverbsN, 0 fine
  std::vector<std::string> interfaces;
  std::vector<RdmaPort> ports;

  static void fields(auto& self, auto& visit) {
    visit("name", self.name);
    visit("driver", self.driver);
    visit("pci_address", self.pci_address);
    visit("pci_path", self.pci_path);
    visit("numa_node", self.numa_node);
    visit("node_guid", self.node_guid);
    visit("verbs", self.verbs);
    visit("virtual_function", self.virtual_function);
    visit("verbs_open_error", self.verbs_open_error);
    visit("interfaces", self.interfaces);
    visit("ports", self.ports);
  }
};

struct RdmaFacts {
  std::vector<RdmaAdapter> adapters;
  std::vector<std::string> interfaces;                              // of this network namespace
  std::map<std::string, std::map<std::string, std::string>> ipoib;  // ib0: mode, pkey, umcast
  std::string peermem_version, peer_memory_version;  // nvidia_peermem, the older nv_peer_mem
  std::optional<bool> dmabuf_registers;       // the kernel's verbs take a dma-buf; asked by a probe
  std::map<std::string, std::string> cgroup;  // rdma.max, rdma.current

  static void fields(auto& self, auto& visit) {
    visit("adapters", self.adapters);
    visit("interfaces", self.interfaces);
    visit("ipoib", self.ipoib);
    visit("peermem_version", self.peermem_version);
    visit("peer_memory_version", self.peer_memory_version);
    visit("dmabuf_registers", self.dmabuf_registers);
    visit("cgroup", self.cgroup);
  }
};

struct AmdGpu {
  std::string address, unique_id;
  std::map<std::string, std::string> values;

  static void fields(auto& self, auto& visit) {
    visit("address", self.address);
    visit("unique_id", self.unique_id);
    visit("values", self.values);
  }
};

struct AmdFacts {
  std::optional<int> kfd_open_error;  // nothing: there is no /dev/kfd
  std::vector<AmdGpu> gpus;

  static void fields(auto& self, auto& visit) {
    visit("kfd_open_error", self.kfd_open_error);
    visit("gpus", self.gpus);
  }
};

}  // namespace toolkit::gpu
