// Documentation/scheduler/sched-bwc.rst, cgroup-v2.rst "CPU Interface Files".
#include "group_files.hpp"
#include "limits.hpp"
#include "oom_events.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/cgroup/cpus.hpp>

namespace toolkit::cgroup {
namespace {

using TimeLevel = Level<CpuTime>;

// The kernel takes periods from 1 ms to 1 s (kernel/sched/core.c) and quotas up to 2^44 us.
constexpr std::uint64_t kLongestPeriod = 0xFFFFFFFF;

TimeLevel time_level(const Level<std::uint64_t>& quota, std::optional<std::uint64_t> period,
                     const std::string& directory) {
  if (quota.kind != Level<std::uint64_t>::Kind::set) {
    return {static_cast<TimeLevel::Kind>(quota.kind), {}, quota.trouble};
  }
  if (!period || *period == 0 || *period > kLongestPeriod) {
    return {TimeLevel::Kind::unreadable, {}, "the CPU period of " + directory + " makes no sense"};
  }
  return {TimeLevel::Kind::set, {quota.value, *period}, ""};
}

TimeLevel read_time_v1(const std::string& directory) {
  const auto quota = read_level(directory + "/cpu.cfs_quota_us");
  const bool set = quota.kind == Level<std::uint64_t>::Kind::set;
  return time_level(quota, set ? read_count(directory + "/cpu.cfs_period_us") : std::nullopt,
                    directory);
}

// "max 100000" or "150000 100000".
TimeLevel read_time_v2(const std::string& directory) {
  const std::string path = directory + "/cpu.max";
  const auto file = read_kernel_file(path);
  if (!file) {
    return time_level(unread_level(path, file.error()), std::nullopt, directory);
  }
  const std::string_view text = trim(*file);
  const auto words = split(text, ' ');
  if (words[0] == "max") {
    return {TimeLevel::Kind::unlimited, {}, ""};
  }
  const auto quota = parse_whole(words[0]);
  const auto period = words.size() > 1 ? parse_whole(words[1]) : 100000;  // the kernel's default
  if (words.size() > 2 || !quota || !period) {
    return {
        TimeLevel::Kind::unreadable, {}, path + " says \"" + printable(text.substr(0, 40)) + "\""};
  }
  return time_level({Level<std::uint64_t>::Kind::set, static_cast<std::uint64_t>(*quota), ""},
                    static_cast<std::uint64_t>(*period), directory);
}

// a/b < c/d without rounding; periods fit 32 bits, so the products of remainders fit 64.
bool is_less(const CpuTime& a, const CpuTime& b) {
  const auto whole_a = a.quota_us / a.period_us, whole_b = b.quota_us / b.period_us;
  return whole_a != whole_b
             ? whole_a < whole_b
             : a.quota_us % a.period_us * b.period_us < b.quota_us % b.period_us * a.period_us;
}

}  // namespace

void read_statistics(CpuLimits& limits, const std::string& directory) {
  const auto text = read_text(directory + "/cpu.stat");
  if (!text) {
    return;
  }
  limits.periods = value_of(*text, "nr_periods");
  limits.throttled_periods = value_of(*text, "nr_throttled");
  limits.throttled_us = value_of(*text, "throttled_usec");
  if (const auto nanoseconds = value_of(*text, "throttled_time")) {
    limits.throttled_us = *nanoseconds / 1000;
  }
}

CpuLimits look_again(const CpuLimits& before, const std::string& root) {
  CpuLimits after = before;
  after.periods = after.throttled_periods = after.throttled_us = std::nullopt;
  const bool set = before.quota.state == Limit<CpuTime>::State::set;
  const std::string& directory = set ? before.quota.directory : before.group.directory;
  if (!directory.empty()) {
    read_statistics(after, root + directory);
  }
  return after;
}

CpuLimits read_cpu(const Hierarchies& hierarchies) {
  const Place place = hierarchies.find("cpu");
  const bool version2 = place.group.version == 2;
  CpuLimits limits;
  limits.group = place.group;
  limits.quota = tightest<CpuTime>(place, hierarchies.root().size(), is_less,
                                   version2 ? read_time_v2 : read_time_v1);
  const bool set = limits.quota.state == Limit<CpuTime>::State::set;
  if (set) {
    const std::string directory = hierarchies.root() + limits.quota.directory;
    limits.burst_us = read_count(directory + (version2 ? "/cpu.max.burst" : "/cpu.cfs_burst_us"));
    read_statistics(limits, directory);
  }
  if (!place.group.directory.empty()) {
    const std::string& own = place.chain.front();
    (version2 ? limits.weight : limits.shares) =
        read_count(own + (version2 ? "/cpu.weight" : "/cpu.shares"));
    const auto idle = read_count(own + "/cpu.idle");
    limits.idle = idle ? std::optional(*idle != 0) : std::nullopt;
    if (!set) {
      read_statistics(limits, own);
    }
  }
  return limits;
}

}  // namespace toolkit::cgroup
