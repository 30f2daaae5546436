#include "mounts.hpp"

#include <toolkit/base/text.hpp>

#include <algorithm>

namespace toolkit::gpu {
namespace {

bool lies_on(const Mount& mount, std::string_view path) {
  return path == mount.point || mount.point == "/" ||
         (path.starts_with(mount.point) && path[mount.point.size()] == '/');
}

}  // namespace

std::vector<Mount> parse_mounts(std::string_view mountinfo) {
  std::vector<Mount> mounts;
  std::size_t number = 0;
  for (const std::string_view line : split(mountinfo, '\n')) {
    ++number;
    // 36 35 98:0 /root /point options [optional fields] - type source options
    const auto fields = split(line, ' ');
    const auto dash = std::ranges::find(fields, "-");
    if (fields.size() < 5 || fields.end() - dash < 3) {
      continue;
    }
    Mount mount{unescape_octal(fields[4]), unescape_octal(dash[1]), ""};
    mount.line = "/proc/self/mountinfo:" + std::to_string(number) + ": " +
                 unescape_octal(fields[3]) + " on " + mount.point + ", " + mount.type;
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

const Mount* mount_of(const std::vector<Mount>& mounts, std::string_view path) {
  const Mount* found = nullptr;
  for (const Mount& mount : mounts) {
    if (lies_on(mount, path) && (found == nullptr || mount.point.size() >= found->point.size())) {
      found = &mount;
    }
  }
  return found;
}

}  // namespace toolkit::gpu
