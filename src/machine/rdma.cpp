// Documentation/ABI/stable/sysfs-class-infiniband.
#include "parts.hpp"

#include <toolkit/base/text.hpp>

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace toolkit::machine {
namespace {

constexpr std::size_t kMostDevices = 16;  // eight adapters of two ports are the largest machines

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()),
                                                   [](DIR* d) { return ::closedir(d); });
  while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr) {
    if (entry->d_name[0] != '.') {
      names.emplace_back(entry->d_name);
    }
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::vector<RdmaDevice> read_rdma(const std::string& root) {
  constexpr const char* kClass = "/sys/class/infiniband";
  std::vector<RdmaDevice> devices;
  for (const std::string& name : names_in(root + kClass)) {
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
    device.interfaces = names_in(root + directory + "/device/net");
    device.virtual_function = ::access((root + directory + "/device/physfn").c_str(), F_OK) == 0;
    devices.push_back(std::move(device));
  }
  return devices;
}

}  // namespace toolkit::machine
