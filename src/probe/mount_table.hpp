#pragma once
// The mounts of our mount namespace, from the text of /proc/self/mountinfo: proc_pid_mountinfo(5).

#include <optional>
#include <string>
#include <string_view>

namespace toolkit::probe {

struct Mounted {
  std::string type;    // "nfs4", "ext4"
  std::string source;  // "server:/export", "/dev/sda1"
};

/// The last mount on exactly this path, which covers the others.
[[nodiscard]] std::optional<Mounted> mounted_at(std::string_view mountinfo, std::string_view path);

/// An absolute path without ".", "", ".." and trailing slashes, by its words alone: links are not
/// looked at, so that nothing can block. A relative one is below `directory`.
[[nodiscard]] std::string plain_path(std::string_view path, std::string_view directory);

}  // namespace toolkit::probe
