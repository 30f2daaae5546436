#include "../../../../src/gpu/collectors.hpp"
#include "tree.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

using namespace toolkit::gpu;
using toolkit::support::Tree;

TEST_CASE("the module, its versions and its GPUs are read from /sys and /proc") {
  Tree tree;
  tree.file("/sys/module/nvidia/initstate", "live\n");
  tree.file("/sys/module/nvidia/version", "550.90.07\n");
  tree.file("/proc/driver/nvidia/version",
            "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build\n"
            "GCC version:  gcc version 12.2.0\n");
  tree.file("/proc/devices", "Character devices:\n195 nvidia\n");
  tree.file("/proc/driver/nvidia/gpus/0000:3b:00.0/information", "Device Minor: \t 1\n");
  tree.file("/dev/nvidia0", "");
  tree.file("/dev/nvidia-caps/nvidia-cap1", "");
  tree.file("/run/reboot-required", "");
  tree.file("/sys/fs/cgroup/devices/devices.list", "c 1:3 rwm\nc 195:* rw\n");
  tree.mount("3 2 0:9 / /proc/driver/nvidia ro - tmpfs tmpfs ro");
  const DriverFacts facts = read_driver(tree.options());
  CHECK(facts.module_loaded == true);
  CHECK(facts.module_state == "live");
  CHECK(facts.sysfs_version == "550.90.07");
  CHECK(facts.proc_version == "550.54.15");
  CHECK(facts.proc_version_line.ends_with("Release Build"));
  CHECK(facts.proc_copied == true);
  CHECK(facts.majors.size() == 1);
  CHECK(facts.proc_gpus.at(0).minor == 1);
  CHECK(facts.reboot_required);
  CHECK(facts.cgroup_device_rules == std::vector<std::string>{"c 1:3 rwm", "c 195:* rw"});
  std::vector<std::string> nodes;
  for (const DeviceNode& node : facts.nodes) {
    nodes.push_back(node.path + (node.exists ? "" : " absent") + (node.major ? " device" : ""));
  }
  CHECK(nodes == std::vector<std::string>{"/dev/nvidiactl absent", "/dev/nvidia0",
                                          "/dev/nvidia1 absent", "/dev/nvidia-uvm absent",
                                          "/dev/nvidia-uvm-tools absent",
                                          "/dev/nvidia-caps/nvidia-cap1"});
}

TEST_CASE("a module that is not there is told from one that cannot be seen") {
  Tree tree;
  CHECK(!read_driver(tree.options()).module_loaded.has_value());
  tree.file("/proc/modules", "nvidia_uvm 1 0 - Live 0x0\n");
  CHECK(read_driver(tree.options()).module_loaded == false);
  tree.file("/proc/modules", "nvidia 1 0 - Live 0x0\n");
  CHECK(read_driver(tree.options()).module_loaded == true);
}

TEST_CASE("a device file tells its numbers") {
  Tree tree;
  tree.file("/dev/x", "");
  const std::string path = tree.dir / "dev/nvidia0";
  if (::mknod(path.c_str(), S_IFCHR | 0600, ::makedev(195, 0)) != 0) {
    return;  // not allowed to everybody
  }
  const DriverFacts facts = read_driver(tree.options());
  CHECK(facts.nodes.at(1).major == 195);
  CHECK(facts.nodes.at(1).minor == 0);
  CHECK(facts.nodes.at(1).mode == 0600);
}

TEST_CASE("GPUs and NVSwitches are found on the PCI bus with the way to them") {
  Tree tree;
  const auto device = [&](const std::string& address, const std::string& uevent) {
    const std::string real = "/sys/devices/pci0000:3a/0000:3a:00.0/" + address;
    tree.file(real + "/uevent", uevent);
    tree.file(real + "/numa_node", "-1\n");
    tree.file(real + "/current_link_speed", "16.0 GT/s PCIe\n");
    tree.link("/sys/bus/pci/devices/" + address,
              "../../../devices/pci0000:3a/0000:3a:00.0/" + address);
  };
  device("0000:3b:00.0", "DRIVER=nvidia\nPCI_CLASS=30200\nPCI_ID=10DE:2330\n");
  device("0000:3b:00.1", "DRIVER=snd_hda_intel\nPCI_CLASS=40300\nPCI_ID=10DE:10FA\n");
  device("0000:3c:00.0", "PCI_CLASS=68000\nPCI_ID=10DE:22A3\n");
  device("0000:3d:00.0", "DRIVER=amdgpu\nPCI_CLASS=30000\nPCI_ID=1002:740F\n");
  const DriverFacts facts = read_driver(tree.options());
  REQUIRE(facts.pci.size() == 2);
  CHECK(facts.pci[0].address == "0000:3b:00.0");
  CHECK(facts.pci[0].device == 0x2330);
  CHECK(facts.pci[0].class_code == 0x30200);
  CHECK(facts.pci[0].driver == "nvidia");
  CHECK(facts.pci[0].numa_node == -1);
  CHECK(facts.pci[0].path == "pci0000:3a/0000:3a:00.0/0000:3b:00.0");
  CHECK(facts.pci[0].link_speed == "16.0 GT/s PCIe");
  CHECK(facts.pci[1].driver == "");
}
