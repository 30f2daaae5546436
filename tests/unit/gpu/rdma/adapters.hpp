#pragma once
// Made-up adapters in a tree, as sysfs shows them, and a GPU that they matter to.

#include "../../../../src/gpu/collectors.hpp"
#include "../driver/tree.hpp"

#include <toolkit/gpu/facts.hpp>

namespace toolkit::support {

/// A file whose read the kernel refuses with EINVAL, as it does a GID of another namespace.
inline constexpr const char* kRefused = "/sys/class/net/lo/duplex";

struct Adapters : Tree {
  int count = 0;

  static std::string port(const std::string& name) {
    return "/sys/class/infiniband/" + name + "/ports/1/";
  }
  /// On the bus, beside the GPU's switch; with a device file unless told otherwise.
  void adapter(const std::string& name, const std::string& layer, bool given = true) {
    const std::string real = "/sys/devices/pci0000:3a/0000:3a:01.0/0000:41:00.0/0000:42:1" +
                             std::to_string(count) + ".0/0000:5" + std::to_string(count) + ":00.0";
    file(real + "/numa_node", "0\n");
    link(real + "/driver", layer == "Unknown" ? "../drivers/efa" : "../drivers/mlx5_core");
    file(real + "/infiniband/" + name + "/node_guid", "b83f:d203:0001:0002\n");
    link(real + "/infiniband/" + name + "/device", "../..");
    link("/sys/class/infiniband/" + name, "../../" + real.substr(5) + "/infiniband/" + name);
    const std::string verbs = "uverbs" + std::to_string(count++);
    file("/sys/class/infiniband_verbs/" + verbs + "/ibdev", name + "\n");
    if (given) {
      file("/dev/infiniband/" + verbs, "");
    }
    state(name, "4: ACTIVE", "5: LinkUp");
    file(port(name) + "rate", "400 Gb/sec (4X NDR)\n");
    file(port(name) + "link_layer", layer + "\n");
    file(port(name) + "counters/symbol_error", "0\n");
  }
  void state(const std::string& name, const std::string& logical, const std::string& physical) {
    file(port(name) + "state", logical + "\n");
    file(port(name) + "phys_state", physical + "\n");
  }
  void infiniband(const std::string& name, const std::string& lid = "0x11",
                  const std::string& manager = "0x1") {
    adapter(name, "InfiniBand");
    file(port(name) + "lid", lid + "\n");
    file(port(name) + "sm_lid", manager + "\n");
    file(port(name) + "pkeys/0", "0xffff\n");
    file(port(name) + "pkeys/1", "0x0000\n");
    file(port(name) + "gids/0", "fe80:0000:0000:0000:b83f:d203:0001:0002\n");
  }
  void gid(const std::string& name, int index, const std::string& gid, const std::string& type,
           const std::string& interface) {
    const std::string at = std::to_string(index);
    file(port(name) + "gids/" + at, gid + "\n");
    file(port(name) + "gid_attrs/types/" + at, type + "\n");
    file(port(name) + "gid_attrs/ndevs/" + at, interface + "\n");
  }
  /// What a container sees of an interface of another network namespace.
  void foreign_gid(const std::string& name, int index, const std::string& gid) {
    const std::string at = std::to_string(index);
    file(port(name) + "gids/" + at, gid + "\n");
    link(port(name) + "gid_attrs/types/" + at, kRefused);
    link(port(name) + "gid_attrs/ndevs/" + at, kRefused);
  }
  void interface(const std::string& name) { file("/sys/class/net/" + name + "/mtu", "1500\n"); }

  [[nodiscard]] gpu::Facts facts(bool deep = false) const {
    gpu::CollectOptions with = options();
    with.deep = deep;
    gpu::Facts facts;
    facts.place.kernel = "6.8.0";
    for (const auto& [name, value] : variables) {
      facts.place.variables[name] = value;
    }
    facts.driver.nodes.emplace_back().path = "/dev/nvidia0";
    facts.driver.nodes[0].exists = true;
    gpu::PciDevice& device = facts.driver.pci.emplace_back();
    device.vendor = 0x10de;
    device.class_code = 0x030200;
    device.address = "0000:3b:00.0";
    device.path = "pci0000:3a/0000:3a:01.0/0000:41:00.0/0000:42:00.0/0000:3b:00.0";
    device.numa_node = 0;
    const auto machine = machine::read_facts(with.root, with.variables);
    facts.rdma = gpu::read_rdma(with, machine);
    return facts;
  }
};

}  // namespace toolkit::support
