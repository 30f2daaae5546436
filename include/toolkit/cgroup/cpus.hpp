#pragma once
// How many CPUs' worth of time we get, and how others would round it. Pure: the limits and the
// CPUs that the scheduler may use in, one number out.

#include <toolkit/cgroup/limits.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace toolkit::cgroup {

/// An exact number of CPUs, in lowest terms: 150000 of 100000 µs is 3/2.
struct CpuFraction {
  std::uint64_t numerator = 0, denominator = 1;
  [[nodiscard]] double value() const {
    return static_cast<double>(numerator) / static_cast<double>(denominator);
  }
};

struct EffectiveCpus {
  CpuFraction cpus;           // the smallest of quota, and the CPUs in cpuset, affinity and online
  std::string binding;        // what makes it so: "quota", "cpuset", "affinity", "online"
  std::string evidence;       // "150000 of 100000 us in /sys/fs/cgroup/pod"
  bool at_most = false;       // a hidden group may allow less
  std::string reason;         // for at_most: why
  std::uint32_t usable = 0;   // whole CPUs that threads can run on, the quota left out
  std::uint32_t floor = 1;    // automaxprocs: rounded down, at least 1
  std::uint32_t ceiling = 1;  // rounded up
  std::uint32_t go = 1;       // Go 1.25 runtime/cgroup_linux.go: quota up, at least 2, <= affinity
  std::uint32_t java = 1;     // JDK 19+ CgroupUtil::processor_count: quota up, <= affinity
};

/// `allowed`: sched_getaffinity(2), empty when unknown; `online`: of the machine. Nothing when not
/// even one of cpuset, affinity and online is known.
[[nodiscard]] std::optional<EffectiveCpus> effective_cpus(const CpuLimits& cpu,
                                                          const CpusetLimits& cpuset,
                                                          std::span<const std::uint32_t> allowed,
                                                          std::optional<std::uint32_t> online);

/// The counters of cpu.stat once more, from the group that `before` has them from. Three system
/// calls, for a second look some 100 ms (a period) later.
[[nodiscard]] CpuLimits look_again(const CpuLimits& before, const std::string& root = "");

/// What happened between two looks at cpu.stat: the share of periods in which we were stopped, 0 to
/// 1. Nothing when no period has passed, or a counter is unknown.
[[nodiscard]] std::optional<double> throttled_share(const CpuLimits& before,
                                                    const CpuLimits& after);

}  // namespace toolkit::cgroup
