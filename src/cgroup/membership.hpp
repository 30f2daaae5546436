#pragma once
// Where a hierarchy is mounted and where we are in it, from the text of /proc/self/cgroup
// (cgroups(7)) and /proc/self/mountinfo (proc_pid_mountinfo(5)).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::cgroup {

/// Our group in the v1 hierarchy with this controller ("memory"), or in the v2 hierarchy ("");
/// nothing when there is no such line.
[[nodiscard]] std::optional<std::string> group_path(std::string_view proc_self_cgroup,
                                                    std::string_view controller);

struct Mount {
  std::string root;  // the directory of the hierarchy that is visible at `point`
  std::string point;
};
/// Mounts of that hierarchy, the last one first: it covers the others.
[[nodiscard]] std::vector<Mount> cgroup_mounts(std::string_view mountinfo,
                                               std::string_view controller);

/// The directory that shows the group `path` through this mount, or nothing. Both paths are as seen
/// from our cgroup namespace: "/.." at the start of either is above it, and such a mount shows our
/// group only when the path starts in the same way.
[[nodiscard]] std::optional<std::string> directory_below(const Mount& mount, std::string_view path);

}  // namespace toolkit::cgroup
