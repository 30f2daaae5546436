#pragma once
// What is mounted where, from the text of /proc/self/mountinfo: proc_pid_mountinfo(5).

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

struct Mount {
  std::string point;  // unescaped
  std::string type;   // "tmpfs"
  std::string line;   // "/proc/self/mountinfo:212: /usr/lib/… on /usr/lib/…, ext4"
};

[[nodiscard]] std::vector<Mount> parse_mounts(std::string_view mountinfo);

/// The mount that a file of this path lies on, the deepest and of those the last; null if none.
[[nodiscard]] const Mount* mount_of(const std::vector<Mount>& mounts, std::string_view path);

}  // namespace toolkit::gpu
