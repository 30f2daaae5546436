// The files below /dev, by stat(2) alone.
#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <set>

namespace toolkit::gpu {
namespace {

DeviceNode look_at(const std::string& root, std::string path) {
  DeviceNode node;
  node.path = std::move(path);
  struct stat status {};
  if (::stat((root + node.path).c_str(), &status) != 0) {
    return node;
  }
  node.exists = true;
  node.mode = status.st_mode & 07777;
  node.uid = status.st_uid;
  node.gid = status.st_gid;
  if (S_ISCHR(status.st_mode)) {
    node.major = ::major(status.st_rdev);
    node.minor = ::minor(status.st_rdev);
  }
  return node;
}

bool is_gpu(std::string_view name) {
  return name.starts_with("nvidia") && parse_whole(name.substr(6)).has_value();
}

}  // namespace

void read_nodes(const std::string& root, DriverFacts& facts) {
  std::set<std::string> others;
  std::set<long long> minors;
  for (const ProcGpu& gpu : facts.proc_gpus) {
    if (gpu.minor) {
      minors.insert(*gpu.minor);
    }
  }
  for (const std::string& name : sorted_entries(root + "/dev")) {
    if (is_gpu(name)) {
      minors.insert(*parse_whole(std::string_view(name).substr(6)));
    } else if (name == "nvidia-modeset" || name.starts_with("nvidia-nvswitch")) {
      others.insert(name);
    }
  }
  for (const char* directory : {"nvidia-caps", "nvidia-caps-imex-channels"}) {
    for (const std::string& name : sorted_entries(root + "/dev/" + directory)) {
      others.insert(std::string(directory) + "/" + name);
    }
  }
  const auto add = [&](const std::string& name) {
    facts.nodes.push_back(look_at(root, "/dev/" + name));
  };
  add("nvidiactl");
  for (const long long minor : minors) {
    add("nvidia" + std::to_string(minor));
  }
  add("nvidia-uvm");
  add("nvidia-uvm-tools");
  std::ranges::for_each(others, add);
}

}  // namespace toolkit::gpu
