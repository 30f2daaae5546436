#include "../collectors.hpp"
#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <unistd.h>

#include <cerrno>

namespace toolkit::gpu {
namespace {

std::string text_of(const std::string& path) {
  return std::string(trim(read_kernel_file(path).value_or("")));
}

std::vector<std::string> interface_names(const std::string& root, const machine::Facts& machine) {
  if (!root.empty()) {
    return sorted_entries(root + "/sys/class/net");
  }
  std::vector<std::string> names;  // netlink's: /sys may be of another namespace
  for (const auto& interface : machine.network.interfaces) {
    names.push_back(interface.name);
  }
  return names;
}

// IP over InfiniBand: Documentation/infiniband/ipoib.rst.
void read_ipoib(const std::string& root, RdmaFacts& rdma) {
  for (const std::string& name : rdma.interfaces) {
    const std::string directory = root + "/sys/class/net/" + name + "/";
    const std::string mode = text_of(directory + "mode");
    if (!mode.empty()) {
      rdma.ipoib[name] = {{"mode", mode},
                          {"pkey", text_of(directory + "pkey")},
                          {"umcast", text_of(directory + "umcast")}};
    }
  }
}

// nv_mem and nv_mem_nc are what nvidia_peermem registers with the kernel's older peer memory.
void read_peer_memory(const std::string& root, RdmaFacts& rdma) {
  rdma.peermem_version = text_of(root + "/sys/module/nvidia_peermem/version");
  for (const char* name : {"nv_mem", "nv_mem_nc"}) {
    const std::string version = text_of(root + "/sys/kernel/mm/memory_peers/" + name + "/version");
    rdma.peer_memory_version = version.empty() ? rdma.peer_memory_version : version;
  }
}

std::optional<int> asked_pkey(const CollectOptions& options) {
  const auto text = options.variables ? options.variables("NCCL_IB_PKEY") : std::nullopt;
  const auto index = text ? parse_whole(*text) : std::nullopt;
  return index && *index < 1 << 16 ? std::optional(static_cast<int>(*index)) : std::nullopt;
}

void read_cgroup(const std::string& root, const machine::Facts& machine, RdmaFacts& rdma) {
  const std::string groups = machine.self_cgroup.value_or("");
  for (const std::string_view line : split(groups, '\n')) {
    if (line.starts_with("0::")) {
      const std::string directory = root + "/sys/fs/cgroup" + std::string(line.substr(3)) + "/";
      for (const char* name : {"rdma.max", "rdma.current"}) {
        if (const std::string text = text_of(directory + name); !text.empty()) {
          rdma.cgroup[name] = text;
        }
      }
    }
  }
}

}  // namespace

int access_error(const std::string& path) {
  return ::access(path.c_str(), R_OK | W_OK) == 0 ? 0 : errno;
}

RdmaFacts read_rdma(const CollectOptions& options, const machine::Facts& machine) {
  const std::string& root = options.root;
  RdmaFacts rdma;
  rdma.interfaces = interface_names(root, machine);
  read_peer_memory(root, rdma);
  rdma.adapters = read_adapters(root);
  if (rdma.adapters.empty()) {
    return rdma;
  }
  const auto pkey_index = asked_pkey(options);
  for (RdmaAdapter& adapter : rdma.adapters) {
    if (adapter.verbs_open_error != 0) {
      continue;  // not ours to ask
    }
    read_ports(root, pkey_index, adapter);
    for (RdmaPort& port : adapter.ports) {
      if (options.deep) {
        port.counters = read_counters(root, adapter, port);
      }
    }
  }
  read_ipoib(root, rdma);
  read_cgroup(root, machine, rdma);
  rdma.connection_manager_error = access_error(root + "/dev/infiniband/rdma_cm");
  const auto library_path = options.variables ? options.variables("LD_LIBRARY_PATH") : std::nullopt;
  rdma.net_plugins = find_net_plugins(root, library_path.value_or(""));
  return rdma;
}

void read_rdma_again(const CollectOptions& options, RdmaFacts& rdma) {
  for (RdmaAdapter& adapter : rdma.adapters) {
    for (RdmaPort& port : adapter.ports) {
      if (!port.counters.empty()) {
        port.counters_at_end = read_counters(options.root, adapter, port);
      }
    }
  }
}

}  // namespace toolkit::gpu
