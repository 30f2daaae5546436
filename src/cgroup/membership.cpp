#include "membership.hpp"

#include <toolkit/base/text.hpp>

#include <algorithm>

namespace toolkit::cgroup {
namespace {

bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (list.substr(0, comma) == word) {
      return true;
    }
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

std::optional<std::string> group_path(std::string_view proc_self_cgroup,
                                      std::string_view controller) {
  for (const std::string_view line : split(proc_self_cgroup, '\n')) {
    // hierarchy-ID:controller-list:path; the path may hold colons. v2 is "0::path".
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) {
      continue;
    }
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? line.starts_with("0::") : has_word(controllers, controller)) {
      return std::string(line.substr(second + 1));
    }
  }
  return std::nullopt;
}

std::vector<Mount> cgroup_mounts(std::string_view mountinfo, std::string_view controller) {
  std::vector<Mount> mounts;
  for (const std::string_view line : split(mountinfo, '\n')) {
    // id parent major:minor root point options [tags…] - type source super-options
    const auto dash = line.find(" - ");
    if (dash == std::string_view::npos || !line.substr(dash + 3).starts_with("cgroup")) {
      continue;
    }
    const auto before = split(line.substr(0, dash), ' ');
    const auto after = split(line.substr(dash + 3), ' ');
    if (before.size() < 6 || after.size() < 3) {
      continue;
    }
    if (controller.empty() ? after[0] == "cgroup2"
                           : after[0] == "cgroup" && has_word(after[2], controller)) {
      mounts.push_back({unescape_octal(before[3]), unescape_octal(before[4])});
    }
  }
  std::ranges::reverse(mounts);
  return mounts;
}

std::optional<std::string> directory_below(const Mount& mount, std::string_view path) {
  const std::string_view root =
      mount.root == "/" ? std::string_view() : std::string_view(mount.root);
  if (!path.starts_with(root) || (path.size() > root.size() && path[root.size()] != '/')) {
    return std::nullopt;
  }
  const std::string_view below = path.substr(root.size());
  if (below == "/.." || below.starts_with("/../")) {
    return std::nullopt;
  }
  return mount.point + std::string(below == "/" ? "" : below);
}

}  // namespace toolkit::cgroup
