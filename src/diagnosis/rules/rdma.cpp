// Adapters: device files, virtual functions, ports, addresses, and the way from GPUs to them.
#include "reach.hpp"
#include "rules.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/gpu/topology.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace toolkit::diagnosis {
namespace {

using gpu::RdmaAdapter;
using gpu::RdmaFacts;

Finding closed(const RdmaAdapter& adapter) {
  const std::string path = "/dev/infiniband/" + adapter.verbs;
  const int error = *adapter.verbs_open_error;
  const std::string seen = fmt::format("access {}: {}", path, errno_words(error));
  if (error == EPERM) {
    return marked(fail(Owner::runtime, fmt::format("the device cgroup refuses {}", path),
                       fmt::format("start the container with `--device {}` instead of mounting it, "
                                   "or by the RDMA device plugin",
                                   path),
                       {seen}),
                  "cgroup", adapter.name);
  }
  return marked(fail(Owner::runtime, fmt::format("{} may not be opened", path),
                     fmt::format("give it mode 0666 on the host (udev), or run as a user of its "
                                 "group"),
                     {seen}),
                "mode", adapter.name);
}

Finding none_is_here(const Question& question) {
  const RdmaFacts& rdma = question.facts.rdma;
  const std::string cause = fmt::format(
      "the machine has {} RDMA adapter{}, but none of their device files is in this container",
      rdma.adapters.size(), rdma.adapters.size() == 1 ? "" : "s");
  const std::string remedy =
      "start it with `--device /dev/infiniband` and `--ulimit memlock=-1`; in Kubernetes ask for "
      "the RDMA or SR-IOV device plugin's resource";
  std::vector<std::string> seen{
      fmt::format("/sys/class/infiniband/{}", rdma.adapters.front().name),
      fmt::format("/dev/infiniband/{}: {}",
                  rdma.adapters.front().verbs.empty() ? "uverbs*" : rdma.adapters.front().verbs,
                  errno_words(ENOENT))};
  return marked(rdma_is_wanted(question)
                    ? fail(Owner::runtime, cause, remedy, std::move(seen))
                    : warn(Owner::runtime, cause + ": NCCL between machines will use TCP", remedy,
                           std::move(seen)),
                "missing");
}

// With NCCL_IB_HCA alone NCCL falls back to TCP; with NCCL_NET=IB it gives up.
Finding no_adapter(const Question& question) {
  const std::string cause = "RDMA is wanted, but the kernel shows no adapter";
  const std::string remedy =
      "run on a node with RDMA adapters and their driver, or take the wish back";
  std::vector<std::string> seen{"/sys/class/infiniband: nothing"};
  const bool needed = question.expect.gdr == "required" || !question.expect.rate.empty() ||
                      asked(question.facts, "NCCL_NET") != nullptr;
  return marked(needed ? fail(Owner::node, cause, remedy, std::move(seen))
                       : warn(Owner::node, cause, remedy, std::move(seen)),
                "none");
}

std::vector<Finding> judge_devices(const Question& question) {
  const RdmaFacts& rdma = question.facts.rdma;
  if (count_gpus(question.facts) == 0 || (rdma.adapters.empty() && !rdma_is_wanted(question))) {
    return {};
  }
  if (rdma.adapters.empty()) {
    return {no_adapter(question)};
  }
  std::vector<Finding> found;
  std::size_t here = 0;
  for (const RdmaAdapter& adapter : rdma.adapters) {
    if (adapter.verbs_open_error == 0) {
      ++here;
    } else if (adapter.verbs_open_error && adapter.verbs_open_error != ENOENT) {
      found.push_back(closed(adapter));
    }
  }
  if (here == 0 && found.empty()) {
    return {none_is_here(question)};
  }
  if (here > 0) {
    found.push_back(pass(
        fmt::format("{} of the machine's {} RDMA adapters may be used", here, rdma.adapters.size()),
        {"access /dev/infiniband/uverbs*"}));
  }
  return found;
}

// The subnet manager's name of a virtual function comes from the host: without one it stays down.
std::vector<Finding> judge_virtual(const Question& question) {
  std::vector<Finding> found;
  for (const PortHere& here : ports_here(question.facts)) {
    const std::string& guid = here.adapter->node_guid;
    if (!here.adapter->virtual_function || here.port->link_layer != "InfiniBand") {
      continue;
    }
    const std::string seen =
        fmt::format("/sys/class/infiniband/{}/node_guid: {}", here.adapter->name, guid);
    if (guid == "0000:0000:0000:0000") {
      found.push_back(marked(
          fail(Owner::node, fmt::format("the virtual function {} has no GUID", here.adapter->name),
               "on the host: `ip link set DEV vf N node_guid … port_guid … state auto`, then bind "
               "the function again; or let the SR-IOV operator do so",
               {seen, "device/physfn is there"}),
          "no_guid", here.scope));
    } else if (!guid.empty()) {
      found.push_back(marked(pass("the virtual function has a GUID", {seen}), "", here.scope));
    }
  }
  return found;
}

Finding moved(const PortHere& here) {
  std::vector<std::string> seen;
  bool went_down = false;
  for (const auto& [name, before] : here.port->counters) {
    const auto it = here.port->counters_at_end.find(name);
    if (it != here.port->counters_at_end.end() && it->second != before) {
      seen.push_back(fmt::format("{} {}: {} -> {}", here.path, name, before, it->second));
      went_down |= name == "link_downed";
    }
  }
  if (seen.empty()) {
    return pass("no counter of errors moved under load");
  }
  const std::string remedy = "check the cable and the switch's port; watch `ibqueryerrors`";
  return went_down ? fail(Owner::hardware, "the link went down under load", remedy, std::move(seen))
                   : warn(Owner::hardware, "counters of errors moved under load", remedy,
                          std::move(seen));
}

std::vector<Finding> judge_counters(const Question& question) {
  std::vector<Finding> found;
  for (const PortHere& here : ports_here(question.facts)) {
    if (!here.port->counters.empty() && !here.port->counters_at_end.empty()) {
      found.push_back(marked(moved(here), "", here.scope));
    }
  }
  return found;
}

// The upper bit says full member; two limited members do not hear each other (IBA 10.9.3).
std::vector<Finding> judge_keys(const Question& question) {
  const std::string* wanted = asked(question.facts, "NCCL_IB_PKEY");
  std::vector<Finding> found;
  for (const PortHere& here : ports_here(question.facts)) {
    if (here.port->pkeys.empty() || here.left_out || !is_active(*here.port)) {
      continue;
    }
    const std::string index = wanted != nullptr ? *wanted : "0";
    const auto key = here.port->pkeys.find(index);
    if (key == here.port->pkeys.end()) {
      found.push_back(
          marked(fail(Owner::user, fmt::format("NCCL_IB_PKEY={} names an empty entry", index),
                      "unset NCCL_IB_PKEY, or name the index of a key that is there",
                      {fmt::format("{}/pkeys: {}", here.path,
                                   fmt::format("{} at {}", here.port->pkeys.begin()->second,
                                               here.port->pkeys.begin()->first))}),
                 "index", here.scope));
      continue;
    }
    const std::string seen = fmt::format("{}/pkeys/{}: {}", here.path, index, key->second);
    const bool full = key->second.size() == 6 && key->second[2] >= '8';
    found.push_back(marked(
        full ? pass("full member of its partition", {seen})
             : warn(Owner::node,
                    "only a limited member of its partition: two limited members cannot talk",
                    "have the subnet manager make the port a full member, or give NCCL_IB_PKEY "
                    "the index of a key with the bit 0x8000",
                    {seen}),
        full ? "" : "limited", here.scope));
  }
  return found;
}

constexpr std::array<std::string_view, 1> kDevice{"rdma.dev"};
constexpr std::array<std::string_view, 2> kFunction{"rdma.dev", "rdma.vf"};
constexpr std::array<std::string_view, 3> kPort{"rdma.dev", "rdma.vf", "rdma.port"};

constexpr Rule kRules[] = {
    {"rdma.dev",
     "Are the RDMA adapters' device files here?",
     "The adapters of /sys/class/infiniband are the machine's; /dev/infiniband/uverbsN says which "
     "of "
     "them this container has (/sys/class/infiniband_verbs/uverbsN/ibdev connects the two). Asked "
     "by access(2), which sees the mode and the device cgroup. None here is a warning, and a "
     "failure where RDMA is asked for: --gdr required, --expect-rate, NCCL_IB_HCA, NCCL_NET=IB. "
     "Adapters whose file is not here are left alone and not judged.",
     "linux Documentation/infiniband/user_verbs.rst; k8s-rdma-shared-dev-plugin",
     {},
     judge_devices},
    {"rdma.vf", "Has a virtual function what the host must give it?",
     "An InfiniBand SR-IOV function (device/physfn) whose node_guid is zero gets no address from "
     "the subnet manager.",
     "linux Documentation/ABI/stable/sysfs-class-infiniband; ip-link(8)", kDevice, judge_virtual},
    {"rdma.port", "Are the ports up, at the rate that their siblings have?",
     "state, phys_state, rate, lid and sm_lid of each port here, each read once. Polling: no "
     "partner at the other end; Disabled: switched off; INIT or ARMED: no subnet manager has set "
     "it up. A port that NCCL_IB_HCA leaves out does not matter; an Ethernet port that is down "
     "beside one that is up is a warning, as NCCL leaves it out by itself.",
     "linux drivers/infiniband/core/sysfs.c; NCCL src/transport/net_ib/init.cc", kFunction,
     judge_rdma_port},
    {"rdma.counters", "Do counters of errors move under load?",
     "With --deep alone: link_downed, symbol_error, port_rcv_errors and their like before and "
     "after "
     "the load. Not read of virtual functions, of ports that are not active, nor of adapters that "
     "are not in this container; a port that refuses one (EINVAL, \"N/A (no PMA)\") is not asked "
     "again, since each refusal is a line in the host's kernel log.",
     "node_exporter#3434; gpud#1164, #1167", kPort, judge_counters},
    {"rdma.gid", "Which NCCL_IB_GID_INDEX would work?",
     "RoCE addresses a partner by a GID of an interface. Usable is one of RoCE v2 whose interface "
     "is in this network namespace; IPv4's first, as NCCL's. EINVAL is what the kernel answers for "
     "those of another namespace. NCCL 2.21 and later choose by themselves, older ones take 0.",
     "NCCL src/transport/net_ib/connect.cc; NCCL#551, #925, #1573; Juniper's JVD on NCCL 2.21",
     kPort, judge_rdma_gid},
    {"rdma.pkey", "Is the port a full member of its partition?",
     "The key at NCCL_IB_PKEY's index, 0 by default: 0x8000 is the bit of full members.",
     "NCCL src/transport/net_ib/connect.cc (IB_PKEY); InfiniBand Architecture 10.9", kPort,
     judge_keys},
    {"rdma.gdr", "Will adapters reach GPU memory by themselves (GPUDirect RDMA)?",
     "Either a peer memory module is loaded (/sys/module/nvidia_peermem, "
     "/sys/kernel/mm/memory_peers/nv_mem), or both sides take dma-bufs: kernel 5.12, CUDA's "
     "attribute 124, and verbs, which a probe asks by a registration of descriptor -1 as NCCL "
     "does: EOPNOTSUPP is no, EBADF is yes. Neither: NET/IB without GDRDMA; a failure with --gdr "
     "required.",
     "NCCL src/transport/net_ib/gdr.cc; NVIDIA GPUDirect RDMA documentation", kDevice,
     judge_rdma_gdr},
    {"rdma.topo", "Has each GPU an adapter near it?",
     "Compares the PCI paths of sysfs: PIX one switch, PXB several, PHB the host bridge, NODE "
     "bridges of one NUMA node, SYS between nodes. NCCL uses GPUDirect RDMA up to PXB by default "
     "(NCCL_NET_GDR_LEVEL).",
     "NCCL src/graph/paths.cc, topo.cc; nvidia-smi topo's legend", kDevice, judge_rdma_topology},
    {"rdma.env",
     "Do NCCL's variables name something that is here?",
     "NCCL_IB_HCA and NCCL_SOCKET_IFNAME as NCCL reads them (^ all but, = whole names, beginnings "
     "else), NCCL_NET and NCCL_NET_PLUGIN against the libraries where the loader looks.",
     "NCCL src/misc/utils.cc, src/os/linux.cc, src/plugin/plugin_open.cc",
     {},
     judge_rdma_variables},
};

}  // namespace

std::span<const Rule> rdma_rules() { return kRules; }

}  // namespace toolkit::diagnosis
