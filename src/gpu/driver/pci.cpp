// Documentation/ABI/testing/sysfs-bus-pci. Containers see the machine's whole bus.
#include "parts.hpp"
#include "proc_text.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <unistd.h>

namespace toolkit::gpu {
namespace {

constexpr const char* kBus = "/sys/bus/pci/devices/";
constexpr std::uint32_t kNvidia = 0x10de;

// The value behind "KEY=" in a uevent file.
std::string_view value_of(std::string_view text, std::string_view key) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with(key) && line.substr(key.size()).starts_with('=')) {
      return line.substr(key.size() + 1);
    }
  }
  return "";
}

// Displays, accelerators without one, and NVSwitches: "other bridge". Not their sound and USB.
bool is_of_interest(const PciDevice& device) {
  const std::uint32_t kind = device.class_code >> 8;
  return device.vendor == kNvidia && (kind == 0x0300 || kind == 0x0302 || kind == 0x0680);
}

// Where a link's text leads below /sys/devices: "pci0000:3a/0000:3a:00.0/0000:3b:00.0".
std::string path_of_bridges(const std::string& link) {
  char target[4096];
  const ssize_t size = ::readlink(link.c_str(), target, sizeof target);
  const std::string_view text(target, size > 0 ? static_cast<std::size_t>(size) : 0);
  const auto at = text.find("devices/");
  return at == text.npos ? "" : std::string(text.substr(at + 8));
}

void read_rest(const std::string& directory, PciDevice& device) {
  const auto line = [&](const char* name) {
    const auto text = read_kernel_file(directory + "/" + name);
    return text ? std::string(trim(*text)) : "";
  };
  const std::string node = line("numa_node");
  const auto number = parse_whole(node.starts_with('-') ? node.substr(1) : node);
  if (number && *number < 1 << 16) {
    device.numa_node = static_cast<int>(node.starts_with('-') ? -*number : *number);
  }
  device.local_cpus = line("local_cpulist");
  device.path = path_of_bridges(directory);
  device.link_speed = line("current_link_speed");
  device.link_width = line("current_link_width");
  device.max_link_speed = line("max_link_speed");
  device.max_link_width = line("max_link_width");
}

}  // namespace

void read_pci(const std::string& root, DriverFacts& facts) {
  for (const std::string& address : sorted_entries(root + kBus)) {
    // One file for class, ids and driver: a big machine has hundreds of devices.
    const auto text = read_kernel_file(root + kBus + address + "/uevent");
    if (!text) {
      continue;
    }
    PciDevice device;
    device.address = address;
    const std::string_view ids = value_of(*text, "PCI_ID");  // "10DE:2330"
    device.vendor = parse_hex(ids.substr(0, ids.find(':'))).value_or(0);
    device.device = parse_hex(ids.substr(ids.find(':') + 1)).value_or(0);
    device.class_code = parse_hex(value_of(*text, "PCI_CLASS")).value_or(0);
    device.driver = value_of(*text, "DRIVER");
    if (is_of_interest(device)) {
      read_rest(root + kBus + address, device);
      facts.pci.push_back(std::move(device));
    }
  }
}

}  // namespace toolkit::gpu
