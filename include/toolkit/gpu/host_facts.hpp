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
  std::vector<std::string> stale_shm;                // nccl-* that nobody whom we can see has open
  std::optional<std::uint64_t> stale_shm_bytes;      // what they take
  std::map<std::string, std::string> limits;         // "memlock": "65536", "unlimited"
  std::optional<std::uint64_t> memory_max, pids_max, memory_total;  // cgroup, bytes; nothing: none
  std::optional<std::uint64_t> pids_current;
  std::optional<int> mempolicy_error;     // get_mempolicy(2): errno, 0 fine
  std::string allowed_cpus;               // "0-7"
  std::optional<std::string> kernel_log;  // lines with NVRM, where /dev/kmsg may be read
  std::vector<std::string> iommus;        // /sys/class/iommu
  std::string kernel_options;             // those of /proc/cmdline that speak of IOMMU and PCI
  std::map<std::string, std::string> iommu_types;    // GPU's address: "DMA-FQ", "identity"
  std::map<std::string, std::uint32_t> acs_control;  // bridge's address: ACS control register
  std::optional<bool> acs_hidden;  // configuration space may not be read that far; nothing: no GPU

  static void fields(auto& self, auto& visit) {
    visit("shm_total", self.shm_total);
    visit("shm_free", self.shm_free);
    visit("shm_allocation_error", self.shm_allocation_error);
    visit("stale_shm", self.stale_shm);
    visit("stale_shm_bytes", self.stale_shm_bytes);
    visit("limits", self.limits);
    visit("memory_max", self.memory_max);
    visit("pids_max", self.pids_max);
    visit("memory_total", self.memory_total);
    visit("pids_current", self.pids_current);
    visit("mempolicy_error", self.mempolicy_error);
    visit("allowed_cpus", self.allowed_cpus);
    visit("kernel_log", self.kernel_log);
    visit("iommus", self.iommus);
    visit("kernel_options", self.kernel_options);
    visit("iommu_types", self.iommu_types);
    visit("acs_control", self.acs_control);
    visit("acs_hidden", self.acs_hidden);
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
  int error = 0;              // errno of its state; what follows is then not asked for
  std::vector<RdmaGid> gids;  // those in use or of another namespace
  std::map<std::string, std::string> pkeys;            // "0": "0xffff"; none on Ethernet
  std::map<std::string, std::string> counters;         // of errors, read with --deep only
  std::map<std::string, std::string> counters_at_end;  // the same after the load

  static void fields(auto& self, auto& visit) {
    visit("number", self.number);
    visit("state", self.state);
    visit("physical_state", self.physical_state);
    visit("rate", self.rate);
    visit("link_layer", self.link_layer);
    visit("lid", self.lid);
    visit("subnet_manager_lid", self.subnet_manager_lid);
    visit("error", self.error);
    visit("gids", self.gids);
    visit("pkeys", self.pkeys);
    visit("counters", self.counters);
    visit("counters_at_end", self.counters_at_end);
  }
};

struct RdmaAdapter {
  std::string name, driver, pci_address, pci_path;  // "mlx5_0", "mlx5_core"
  std::optional<int> numa_node;
  std::string node_guid, verbs;  // "uverbs0"
  bool virtual_function = false;
  std::optional<int> verbs_open_error;  // may /dev/infiniband/uverbsN be opened? errno, 0 yes
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
  std::optional<int> connection_manager_error;       // /dev/infiniband/rdma_cm as verbs_open_error
  std::vector<std::string> net_plugins;              // libnccl-net*.so where the loader looks
  std::optional<bool> dmabuf_registers;       // the kernel's verbs take a dma-buf; a probe asks
  std::map<std::string, std::string> cgroup;  // rdma.max, rdma.current

  static void fields(auto& self, auto& visit) {
    visit("adapters", self.adapters);
    visit("interfaces", self.interfaces);
    visit("ipoib", self.ipoib);
    visit("peermem_version", self.peermem_version);
    visit("peer_memory_version", self.peer_memory_version);
    visit("connection_manager_error", self.connection_manager_error);
    visit("net_plugins", self.net_plugins);
    visit("dmabuf_registers", self.dmabuf_registers);
    visit("cgroup", self.cgroup);
  }
};

struct AmdGpu {
  std::string address, unique_id;
  std::optional<std::uint32_t> render_minor;  // of /dev/dri/renderD128
  std::optional<int> render_open_error;       // may it be opened? errno, 0 yes
  std::optional<std::uint32_t> render_gid;    // the group that may
  std::map<std::string, std::string> values;  // by the names of sysfs: "mem_info_vram_total"

  static void fields(auto& self, auto& visit) {
    visit("address", self.address);
    visit("unique_id", self.unique_id);
    visit("render_minor", self.render_minor);
    visit("render_open_error", self.render_open_error);
    visit("render_gid", self.render_gid);
    visit("values", self.values);
  }
};

struct AmdFacts {
  bool module_loaded = false;         // /sys/module/amdgpu
  std::optional<int> kfd_open_error;  // may /dev/kfd be opened? errno, 0 yes; nothing: no driver
  std::optional<std::uint32_t> kfd_gid;
  std::vector<AmdGpu> gpus;

  static void fields(auto& self, auto& visit) {
    visit("module_loaded", self.module_loaded);
    visit("kfd_open_error", self.kfd_open_error);
    visit("kfd_gid", self.kfd_gid);
    visit("gpus", self.gpus);
  }
};

}  // namespace toolkit::gpu
