#pragma once
// What can be seen of NVIDIA's devices and kernel driver without any library of theirs. Nothing is
// nothing: an empty optional was not seen, 0 was.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace toolkit::gpu {

/// A file below /dev that a GPU needs.
struct DeviceNode {
  std::string path;  // "/dev/nvidia0"
  bool exists = false;
  std::optional<std::uint32_t> mode, uid, gid, major, minor;
  std::optional<int> open_error;  // open(O_RDWR): errno, 0 it opened; nothing: not tried

  static void fields(auto& self, auto& visit) {
    visit("path", self.path);
    visit("exists", self.exists);
    visit("mode", self.mode);
    visit("uid", self.uid);
    visit("gid", self.gid);
    visit("major", self.major);
    visit("minor", self.minor);
    visit("open_error", self.open_error);
  }
};

/// A GPU or NVSwitch as the PCI bus shows it, /sys/bus/pci/devices.
struct PciDevice {
  std::string address;  // "0000:3b:00.0"
  std::uint32_t vendor = 0, device = 0, class_code = 0;
  std::string driver;            // "nvidia", "nouveau", "vfio-pci"; "" for none
  std::optional<int> numa_node;  // -1: the machine says none
  std::string local_cpus;        // "0-31"
  std::string path;              // of its bridges: "pci0000:3a/0000:3a:00.0/0000:3b:00.0"
  std::string link_speed, link_width, max_link_speed, max_link_width;  // as sysfs writes them

  static void fields(auto& self, auto& visit) {
    visit("address", self.address);
    visit("vendor", self.vendor);
    visit("device", self.device);
    visit("class_code", self.class_code);
    visit("driver", self.driver);
    visit("numa_node", self.numa_node);
    visit("local_cpus", self.local_cpus);
    visit("path", self.path);
    visit("link_speed", self.link_speed);
    visit("link_width", self.link_width);
    visit("max_link_speed", self.max_link_speed);
    visit("max_link_width", self.max_link_width);
  }
};

/// /proc/driver/nvidia/gpus/ADDRESS/information
struct ProcGpu {
  std::string address, model, uuid, excluded;
  std::optional<std::uint32_t> minor;

  static void fields(auto& self, auto& visit) {
    visit("address", self.address);
    visit("model", self.model);
    visit("uuid", self.uuid);
    visit("excluded", self.excluded);
    visit("minor", self.minor);
  }
};

/// A file of the driver's that programs load.
struct DriverLibrary {
  std::string path;     // "/usr/lib/x86_64-linux-gnu/libcuda.so.550.90.07"
  std::string name;     // "libcuda"
  std::string version;  // "550.90.07", "" when the file's name has none
  std::optional<std::uint64_t> size;
  std::string reached_by;       // the chain of links: "libcuda.so.1 -> libcuda.so.550.90.07"
  bool on_loader_path = false;  // the loader would look where it lies
  bool wins = false;            // and would take this one
  std::optional<bool> bind_mounted;
  std::string mount;        // its line of /proc/self/mountinfo
  std::string mount_point;  // the file itself, as runtimes do it, or a directory above
  bool stub = false, compat = false;

  static void fields(auto& self, auto& visit) {
    visit("path", self.path);
    visit("name", self.name);
    visit("version", self.version);
    visit("size", self.size);
    visit("reached_by", self.reached_by);
    visit("on_loader_path", self.on_loader_path);
    visit("wins", self.wins);
    visit("bind_mounted", self.bind_mounted);
    visit("mount", self.mount);
    visit("mount_point", self.mount_point);
    visit("stub", self.stub);
    visit("compat", self.compat);
  }
};

/// A line of apt's or dpkg's history about a package of the driver.
struct PackageEvent {
  std::string when, action, package, version, source;  // source: "/var/log/dpkg.log:88"

  static void fields(auto& self, auto& visit) {
    visit("when", self.when);
    visit("action", self.action);
    visit("package", self.package);
    visit("version", self.version);
    visit("source", self.source);
  }
};

struct DriverFacts {
  std::optional<bool> module_loaded;  // /sys/module/nvidia, /proc/modules
  std::string module_state;           // initstate: "live"
  std::string ioctl_version;          // what /dev/nvidiactl answers, "" unseen
  std::optional<int> ioctl_error;     // errno of the question
  std::string sysfs_version;          // /sys/module/nvidia/version
  std::string proc_version;           // of /proc/driver/nvidia/version, a copy in legacy containers
  std::string proc_version_line;
  std::optional<bool> proc_copied;  // something is mounted over it: it says what was true then
  std::string loader;               // "glibc", "musl", "none"
  std::string loader_cache;         // "" fine, else why ld.so.cache could not be read
  std::vector<std::pair<std::string, std::uint32_t>> majors;  // /proc/devices
  std::vector<DeviceNode> nodes;
  std::vector<PciDevice> pci;
  std::vector<ProcGpu> proc_gpus;
  std::vector<DriverLibrary> libraries;
  std::vector<PackageEvent> history;
  bool reboot_required = false;
  std::vector<std::string> cgroup_device_rules;  // v1: devices.list

  static void fields(auto& self, auto& visit) {
    visit("module_loaded", self.module_loaded);
    visit("module_state", self.module_state);
    visit("ioctl_version", self.ioctl_version);
    visit("ioctl_error", self.ioctl_error);
    visit("sysfs_version", self.sysfs_version);
    visit("proc_version", self.proc_version);
    visit("proc_version_line", self.proc_version_line);
    visit("proc_copied", self.proc_copied);
    visit("loader", self.loader);
    visit("loader_cache", self.loader_cache);
    visit("majors", self.majors);
    visit("nodes", self.nodes);
    visit("pci", self.pci);
    visit("proc_gpus", self.proc_gpus);
    visit("libraries", self.libraries);
    visit("history", self.history);
    visit("reboot_required", self.reboot_required);
    visit("cgroup_device_rules", self.cgroup_device_rules);
  }
};

}  // namespace toolkit::gpu
