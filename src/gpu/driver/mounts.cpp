#include "mounts.hpp"

#include <toolkit/base/text.hpp>

#include <algorithm>

namespace toolkit::gpu {
namespace {

bool is_octal(char c) { return c >= '0' && c <= '7'; }

// Blank, tab, newline and backslash are written \040 \011 \012 \134.
std::string unescape(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\\' && i + 3 < field.size() && is_octal(field[i + 1]) &&
        is_octal(field[i + 2]) && is_octal(field[i + 3])) {
      text += static_cast<char>((field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 +
                                (field[i + 3] - '0'));
      i += 3;
    } else {
      text += field[i];
    }
  }
  return text;
}

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
    Mount mount{unescape(fields[4]), unescape(dash[1]), ""};
    mount.line = "/proc/self/mountinfo:" + std::to_string(number) + ": " + unescape(fields[3]) +
                 " on " + mount.point + ", " + mount.type;
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
