// Documentation/ABI/stable/sysfs-class-infiniband.
#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <unistd.h>

namespace toolkit::machine {
namespace {

constexpr std::size_t kMostDevices = 16;  // eight adapters of two ports are the largest machines
}  // namespace

std::vector<RdmaDevice> read_rdma(const std::string& root) {
  constexpr const char* kClass = "/sys/class/infiniband";
  std::vector<RdmaDevice> devices;
  for (const std::string& name : sorted_entries(root + kClass)) {
    if (devices.size() == kMostDevices) {
      break;
    }
    const std::string directory = std::string(kClass) + "/" + name;
    RdmaDevice device;
    device.name = name;
    const auto state = read_text(root, directory + "/ports/1/state");  // "4: ACTIVE"
    const std::string_view text = trim(state ? std::string_view(*state) : std::string_view());
    const auto colon = text.find(": ");
    device.state = text.substr(colon == std::string_view::npos ? 0 : colon + 2);
    device.link_layer = trim(read_text(root, directory + "/ports/1/link_layer").value_or(""));
    device.interfaces = sorted_entries(root + directory + "/device/net");
    device.virtual_function = ::access((root + directory + "/device/physfn").c_str(), F_OK) == 0;
    devices.push_back(std::move(device));
  }
  return devices;
}

}  // namespace toolkit::machine
