#pragma once
// Which memory cgroup we are in, and how many processes the kernel's OOM killer has ended there.
// Sources: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst, proc_pid_mountinfo(5).

#include <toolkit/base/unique_fd.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace toolkit::cgroup {

struct OomCounts {
  std::uint64_t oom_kill = 0;  // processes killed, child groups included as far as they can be seen
  std::uint64_t oom_group_kill = 0;  // v2 only: kills of whole groups
};

class MemoryGroup {
 public:
  /// Ours, from /proc/self/cgroup and /proc/self/mountinfo below `root` ("" for the real ones;
  /// tests give a directory). Where v1 has the memory controller it wins over a v2 hierarchy beside
  /// it. A group whose directory cannot be seen (namespaces, missing mounts) is "not visible", not
  /// "no limit".
  [[nodiscard]] static MemoryGroup find(const std::string& root = "");
  /// The same without /proc/self/mountinfo, which costs the kernel 0.1 ms to write: where
  /// distributions mount the hierarchies. A mount of another part of the hierarchy deceives it, so
  /// find() has to confirm what it says.
  [[nodiscard]] static MemoryGroup guess(const std::string& root = "");
  /// The group in this directory, for whoever reads it from a job record.
  [[nodiscard]] static MemoryGroup at(const std::string& directory);

  [[nodiscard]] bool visible() const { return !directory_.empty(); }
  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] bool version2() const { return version2_; }

  /// The counters now; nothing when they cannot be read (unknown is not zero; v2's root group has
  /// none). v2 counts hierarchically; on v1 the counters of child groups are added here. A v1 child
  /// group that is removed takes its count with it, so a later answer can be smaller than an
  /// earlier one. Our group's own file stays open: a look is one system call, and a job has two.
  [[nodiscard]] std::optional<OomCounts> oom_counts() const;
  /// The smallest limit of the group and its ancestors, or nothing: unlimited as far as can be
  /// seen.
  [[nodiscard]] std::optional<std::uint64_t> limit_bytes() const;
  /// The most that was ever used; memory.peak needs Linux 5.19 on v2.
  [[nodiscard]] std::optional<std::uint64_t> peak_bytes() const;

 private:
  static MemoryGroup find_below(const std::string& root,
                                const std::optional<std::string>& mountinfo);
  /// Whether there is a group in `directory`; opens its counters where it has some.
  bool open(const std::string& directory);
  std::string directory_;
  std::string top_;  // the mount point: no ancestor can be seen above it
  bool version2_ = false;
  UniqueFd counters_;
};

}  // namespace toolkit::cgroup
