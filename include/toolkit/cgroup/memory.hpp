#pragma once
// Which memory cgroup we are in, and how many processes the kernel's OOM killer has ended there.
// cgroup v2: memory.events (hierarchical) and memory.events.local; v1: memory.oom_control. Sources:
// Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.

#include <cstdint>
#include <optional>
#include <string>

namespace toolkit::cgroup {

struct OomCounts {
  std::uint64_t oom_kill = 0;        // processes killed, child cgroups included as far as they can be seen
  std::uint64_t oom_group_kill = 0;  // v2 only
};

class MemoryGroup {
 public:
  /// From /proc/self/cgroup and /proc/self/mountinfo below `root` ("" for the real ones; tests give a
  /// directory). A group whose directory cannot be seen is "not visible", not "no limit".
  [[nodiscard]] static MemoryGroup find(const std::string& root = "");
  [[nodiscard]] bool visible() const { return !directory_.empty(); }
  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] bool version2() const { return version2_; }
  /// The counters now; nothing when they cannot be read (unknown is not zero). On v1 the counters of
  /// child groups are added, because v1 does not count hierarchically.
  [[nodiscard]] std::optional<OomCounts> oom_counts() const;
  [[nodiscard]] std::optional<std::uint64_t> limit_bytes() const;
  [[nodiscard]] std::optional<std::uint64_t> peak_bytes() const;

 private:
  std::string directory_;
  bool version2_ = false;
};

}  // namespace toolkit::cgroup
