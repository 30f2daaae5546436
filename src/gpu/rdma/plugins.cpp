#include "../driver/loader_path.hpp"
#include "parts.hpp"

#include <toolkit/base/file.hpp>

#include <algorithm>

namespace toolkit::gpu {
namespace {

bool is_plugin(std::string_view name) {
  return name.starts_with("libnccl-net") && name.find(".so") != std::string_view::npos;
}

}  // namespace

std::vector<std::string> find_net_plugins(const std::string& root, std::string_view library_path) {
  const LoaderPath path = read_loader_path(root, library_path);
  std::vector<std::string> found;
  const auto add = [&](const std::string& file) {
    if (std::ranges::find(found, file) == found.end()) {
      found.push_back(file);
    }
  };
  const auto add_from = [&](const std::vector<std::string>& directories) {
    for (const std::string& directory : directories) {
      for (const std::string& name : sorted_entries(root + directory)) {
        if (is_plugin(name)) {
          add(directory + "/" + name);
        }
      }
    }
  };
  add_from(path.first);
  for (const CacheEntry& entry : path.cache.entries) {
    if (is_plugin(entry.soname)) {
      add(std::string(entry.path));
    }
  }
  add_from(path.last);
  return found;
}

}  // namespace toolkit::gpu
