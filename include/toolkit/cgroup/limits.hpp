#pragma once
// What our control groups let us use: CPU time, memory, processes. Each controller is looked for by
// itself (v1, v2 or a mixture), in our group and in every ancestor that can be seen; what a
// namespace hides is "unknown above here", never "unlimited".
// Sources: Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/*.rst, cgroups(7),
// cgroup_namespaces(7).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::cgroup {

/// A limit, or why there is none to tell.
template <typename T>
struct Limit {
  enum class State { set, unlimited, unknown };
  State state = State::unknown;
  T value{};              // only when set
  std::string directory;  // the group that sets it, the tightest of all that can be seen; "" where
                          // only its effect can be seen
  std::string reason;     // for unknown: why; for set: why the true one may be lower, or ""
};

/// One group of one hierarchy; directories as mounted here, without the tests' root.
struct Group {
  std::string controller;  // "cpu", "memory", "pids", "cpuset", "hugetlb"
  int version = 0;         // 1 or 2; 0: no hierarchy that we are in has this controller
  std::string path;        // in the hierarchy, as /proc/self/cgroup says
  std::string directory;   // "" when our own group cannot be seen
  std::string mount_point;
  bool hidden_above = false;  // a cgroup namespace or a partial mount hides ancestors
  std::string why_hidden;     // in words, also for a directory of ""
};

/// quota / period CPUs.
struct CpuTime {
  std::uint64_t quota_us = 0, period_us = 0;
  [[nodiscard]] double cpus() const {
    return static_cast<double>(quota_us) / static_cast<double>(period_us);
  }
};

struct CpuLimits {
  Group group;
  Limit<CpuTime> quota;
  std::optional<std::uint64_t> burst_us;  // of the group that sets the quota
  std::optional<std::uint64_t> shares;    // v1 cpu.shares of our group
  std::optional<std::uint64_t> weight;    // v2 cpu.weight of our group
  std::optional<bool> idle;               // cpu.idle: runs only when nobody else wants to
  // cpu.stat of the group that sets the quota, else of ours: since the group was made.
  std::optional<std::uint64_t> periods, throttled_periods, throttled_us;
};

struct CpusetLimits {
  Group group;
  std::optional<std::string> effective;         // "0-3,8"
  std::optional<std::string> effective_memory;  // NUMA nodes
};

struct MemoryLimits {
  Group group;
  Limit<std::uint64_t> hard;  // bytes: memory.max, memory.limit_in_bytes with its hierarchy
  Limit<std::uint64_t> high;  // bytes: memory.high (v2)
  Limit<std::uint64_t> swap;  // bytes of swap alone, on both versions
  std::optional<std::uint64_t> usage, peak, swap_usage, cache;  // bytes
  std::optional<std::uint64_t> request;    // memory.low (else memory.min), v1 soft limit
  std::optional<std::uint64_t> oom_kills;  // v2: child groups included; v1: our group alone
};

struct PidsLimits {
  Group group;
  Limit<std::uint64_t> max;
  std::optional<std::uint64_t> current;
};

struct HugePages {
  std::string size;  // "2MB", as in the file names
  Limit<std::uint64_t> max;
  std::optional<std::uint64_t> current;
};

/// Pressure stall information: percent of the last 10 s, Documentation/accounting/psi.rst.
struct Pressure {
  std::string directory;  // our group's, or /proc/pressure: of the whole machine
  std::optional<double> cpu_some, memory_some, memory_full, io_some, io_full;
};

struct Limits {
  enum class Layout { none, v1, v2, hybrid } layout = Layout::none;
  CpuLimits cpu;
  CpusetLimits cpuset;
  MemoryLimits memory;
  PidsLimits pids;
  std::vector<HugePages> hugepages;
  Pressure pressure;
  std::vector<std::string> troubles;
};

/// Ours, below `root` ("" for the real ones; tests give a directory). Never fails.
[[nodiscard]] Limits read_limits(const std::string& root = "");
/// The same for who has read these two already; nothing for one that cannot be read.
struct SelfTexts {
  std::optional<std::string> cgroup, mountinfo;  // of /proc/self
};
[[nodiscard]] Limits read_limits(const std::string& root, SelfTexts texts);

/// Bytes that we may use: the hard limit, but no more than the machine has. `machine_total` is
/// MemTotal of /proc/meminfo, which lxcfs narrows in the same way. Nothing when neither is known.
[[nodiscard]] std::optional<std::uint64_t> effective_memory(
    const MemoryLimits& memory, std::optional<std::uint64_t> machine_total);

/// "0-3,8" → 0 1 2 3 8 (Documentation/admin-guide/cputopology.rst, List Formats). Nothing for what
/// is no such list.
[[nodiscard]] std::optional<std::vector<std::uint32_t>> parse_cpu_list(std::string_view text);

}  // namespace toolkit::cgroup
