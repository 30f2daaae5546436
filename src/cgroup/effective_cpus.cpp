#include <toolkit/cgroup/cpus.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

namespace toolkit::cgroup {
namespace {

using Quota = Limit<CpuTime>;

struct Usable {
  std::uint32_t count = 0;
  std::string binding, evidence;
};

// The CPUs that threads can run on. Each set is named only if it takes something away.
std::optional<Usable> usable_cpus(const CpusetLimits& cpuset,
                                  std::span<const std::uint32_t> allowed,
                                  std::optional<std::uint32_t> online) {
  std::optional<Usable> usable;
  if (online && *online > 0) {
    usable = {*online, "online", fmt::format("{} CPUs online", *online)};
  }
  const auto set = cpuset.effective ? parse_cpu_list(*cpuset.effective) : std::nullopt;
  if (set && !set->empty() && (!usable || set->size() < usable->count)) {
    usable = {static_cast<std::uint32_t>(set->size()), "cpuset",
              "cpuset " + *cpuset.effective +
                  (cpuset.group.directory.empty() ? "" : " in " + cpuset.group.directory)};
  }
  auto both = std::ranges::count_if(allowed, [&](std::uint32_t cpu) {
    return !set || set->empty() || std::ranges::binary_search(*set, cpu);
  });
  both = both == 0 ? static_cast<std::ptrdiff_t>(allowed.size()) : both;  // changed between looks
  if (both > 0 && (!usable || both < static_cast<std::ptrdiff_t>(usable->count))) {
    usable = {static_cast<std::uint32_t>(both), "affinity",
              fmt::format("sched_getaffinity: {} CPUs", allowed.size())};
  }
  return usable;
}

std::uint32_t round_up(const CpuTime& time, std::uint32_t most) {
  const std::uint64_t whole =
      time.quota_us / time.period_us + (time.quota_us % time.period_us != 0);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(whole, 1, most));
}

void apply_quota(EffectiveCpus& result, const CpuTime& time, const std::string& directory) {
  result.java = result.ceiling = round_up(time, result.usable);
  result.go = std::min(result.usable, std::max(2U, result.java));
  if (time.quota_us / time.period_us >= result.usable) {
    return;
  }
  const auto divisor = std::gcd(time.quota_us, time.period_us);
  result.cpus = {time.quota_us / divisor, time.period_us / divisor};
  result.floor =
      static_cast<std::uint32_t>(std::max<std::uint64_t>(1, time.quota_us / time.period_us));
  result.binding = "quota";
  result.evidence = fmt::format("{} of {} us in {}", time.quota_us, time.period_us, directory);
}

}  // namespace

std::optional<EffectiveCpus> effective_cpus(const CpuLimits& cpu, const CpusetLimits& cpuset,
                                            std::span<const std::uint32_t> allowed,
                                            std::optional<std::uint32_t> online) {
  const auto usable = usable_cpus(cpuset, allowed, online);
  if (!usable) {
    return std::nullopt;
  }
  EffectiveCpus result;
  result.usable = result.floor = result.ceiling = result.go = result.java = usable->count;
  result.cpus = {usable->count, 1};
  result.binding = usable->binding;
  result.evidence = usable->evidence;
  if (cpu.quota.state == Quota::State::set && cpu.quota.value.period_us > 0) {
    apply_quota(result, cpu.quota.value, cpu.quota.directory);
  }
  result.at_most = cpu.quota.state == Quota::State::unknown || !cpu.quota.reason.empty();
  result.reason = result.at_most ? cpu.quota.reason : "";
  return result;
}

std::optional<double> throttled_share(const CpuLimits& before, const CpuLimits& after) {
  if (!before.periods || !after.periods || !before.throttled_periods || !after.throttled_periods ||
      *after.periods <= *before.periods || *after.throttled_periods < *before.throttled_periods) {
    return std::nullopt;
  }
  return static_cast<double>(*after.throttled_periods - *before.throttled_periods) /
         static_cast<double>(*after.periods - *before.periods);
}

}  // namespace toolkit::cgroup
