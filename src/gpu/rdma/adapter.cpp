// Documentation/ABI/stable/sysfs-class-infiniband, sysfs-bus-pci.
#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::gpu {
namespace {

constexpr std::size_t kMostAdapters = 64;

std::string link_of(const std::string& path) {
  char target[4096];
  const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
  return {target, size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::string last_of(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

// "../../devices/pci0000:3a/0000:3a:00.0/0000:3b:00.0/infiniband/mlx5_0": the path and the address
// of what is in front of infiniband/. Virtual ones (soft RoCE) are on no bus.
void place_on_bus(std::string_view link, RdmaAdapter& adapter) {
  const auto begin = link.find("devices/");
  const auto end = link.rfind("/infiniband/");
  if (begin == link.npos || end == link.npos || link.find("/virtual/") != link.npos) {
    return;
  }
  adapter.pci_path = link.substr(begin + 8, end - begin - 8);
  adapter.pci_address = last_of(adapter.pci_path);
}

std::optional<int> numa_node_of(const std::string& directory) {
  const std::string text(trim(read_kernel_file(directory + "numa_node").value_or("")));
  if (text == "-1") {
    return -1;
  }
  const auto number = parse_whole(text);
  return number && *number < 1 << 16 ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

// /sys/class/infiniband_verbs/uverbsN/ibdev says whose uverbsN is.
std::map<std::string, std::string> verbs_by_adapter(const std::string& root) {
  const std::string directory = root + "/sys/class/infiniband_verbs/";
  std::map<std::string, std::string> names;
  for (const std::string& name : sorted_entries(directory)) {
    if (const auto adapter = read_kernel_file(directory + name + "/ibdev")) {
      names.emplace(trim(*adapter), name);
    }
  }
  return names;
}

RdmaAdapter read_adapter(const std::string& root, const std::string& name) {
  const std::string directory = root + kRdmaClass + name;
  RdmaAdapter adapter;
  adapter.name = name;
  place_on_bus(link_of(directory), adapter);
  adapter.driver = last_of(link_of(directory + "/device/driver"));
  adapter.numa_node = numa_node_of(directory + "/device/");
  adapter.node_guid = trim(read_kernel_file(directory + "/node_guid").value_or(""));
  adapter.virtual_function = ::access((directory + "/device/physfn").c_str(), F_OK) == 0;
  adapter.interfaces = sorted_entries(directory + "/device/net");
  return adapter;
}

}  // namespace

std::vector<RdmaAdapter> read_adapters(const std::string& root) {
  std::vector<RdmaAdapter> adapters;
  std::vector<std::string> names = sorted_entries(root + kRdmaClass);
  std::erase(names, "bonding_masters");  // a file beside them where bonding is loaded
  names.resize(std::min(names.size(), kMostAdapters));
  const auto verbs = names.empty() ? std::map<std::string, std::string>() : verbs_by_adapter(root);
  for (const std::string& name : names) {
    RdmaAdapter adapter = read_adapter(root, name);
    if (const auto it = verbs.find(name); it != verbs.end()) {
      adapter.verbs = it->second;
      adapter.verbs_open_error = access_error(root + "/dev/infiniband/" + it->second);
    }
    adapters.push_back(std::move(adapter));
  }
  // As a person counts: mlx5_2 before mlx5_10.
  std::ranges::stable_sort(adapters, {}, [](const RdmaAdapter& a) { return a.name.size(); });
  return adapters;
}

}  // namespace toolkit::gpu
