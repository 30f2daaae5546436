// Docker: --cpus is a quota per 100 ms, --memory-swap the sum of both (docker run reference).
// Kubernetes: pkg/kubelet/kuberuntime/helpers_linux.go, milliCPUToShares and milliCPUToQuota.
#include <toolkit/cgroup/settings.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace toolkit::cgroup {
namespace {

constexpr std::uint64_t kFewestShares = 2, kMostShares = 262144;  // kernel/sched/sched.h
constexpr std::uint64_t kDefaultShares = 1024, kDefaultWeight = 100;

template <typename T>
bool is_set(const Limit<T>& limit) {
  return limit.state == Limit<T>::State::set;
}

// 1.5, 0.25: without trailing zeros.
std::string decimal(double value) {
  std::string text = fmt::format("{:.3f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

std::string range(std::uint64_t low, std::uint64_t high, const char* unit) {
  return low == high ? fmt::format("{}{}", low, unit) : fmt::format("{}-{}{}", low, high, unit);
}

// The milli-CPUs that kubelet turns into these shares: floor(m * 1024 / 1000).
std::string requests_of(std::uint64_t low, std::uint64_t high) {
  const std::uint64_t first = low <= kFewestShares ? 0 : (low * 1000 + 1023) / 1024;
  return range(first, ((high + 1) * 1000 - 1) / 1024, "m");
}

void infer_quota(std::vector<Setting>& settings, const CpuLimits& cpu) {
  if (!is_set(cpu.quota)) {
    return;
  }
  const CpuTime time = cpu.quota.value;
  if (time.period_us == 100000) {
    settings.push_back({"docker --cpus", {{decimal(time.cpus()), "quota / period"}}});
  } else {
    settings.push_back({"docker --cpu-period", {{std::to_string(time.period_us), "period"}}});
    settings.push_back({"docker --cpu-quota", {{std::to_string(time.quota_us), "quota"}}});
  }
  const auto milli = static_cast<std::uint64_t>(std::llround(time.cpus() * 1000));
  settings.push_back({"kubernetes limits.cpu", {{fmt::format("{}m", milli), "quota / period"}}});
}

void infer_weight(std::vector<Setting>& settings, std::uint64_t weight) {
  struct Named {
    ShareRule rule;
    const char* words;
  };
  Setting shares{"docker --cpu-shares", {}}, request{"kubernetes requests.cpu", {}};
  for (const Named& named : {Named{ShareRule::curved, "weight by runc 1.3.2 and later, newer crun"},
                             Named{ShareRule::linear, "weight by runc before 1.3.2, older crun"},
                             Named{ShareRule::proportional, "weight by systemd"}}) {
    const auto [low, high] = shares_of_weight(weight, named.rule);
    if (low != 0) {
      shares.candidates.push_back({range(low, high, ""), named.words});
      request.candidates.push_back({requests_of(low, high), named.words});
    }
  }
  settings.push_back(std::move(shares));
  settings.push_back(std::move(request));
}

void infer_shares(std::vector<Setting>& settings, const CpuLimits& cpu) {
  if (cpu.shares && *cpu.shares != kDefaultShares) {
    settings.push_back({"docker --cpu-shares", {{std::to_string(*cpu.shares), "cpu.shares"}}});
    settings.push_back({"kubernetes requests.cpu",
                        {{requests_of(*cpu.shares, *cpu.shares), "shares * 1000 / 1024"}}});
  }
  if (cpu.weight && *cpu.weight != kDefaultWeight) {
    infer_weight(settings, *cpu.weight);
  }
}

void infer_memory(std::vector<Setting>& settings, const MemoryLimits& memory) {
  if (is_set(memory.hard)) {
    const std::string bytes = std::to_string(memory.hard.value);
    settings.push_back({"docker --memory", {{bytes, "memory limit"}}});
    settings.push_back({"kubernetes limits.memory", {{bytes, "memory limit"}}});
    if (is_set(memory.swap)) {
      settings.push_back({"docker --memory-swap",
                          {{std::to_string(memory.hard.value + memory.swap.value),
                            "memory and swap limits together"}}});
    }
  }
  if (memory.request) {
    settings.push_back({"docker --memory-reservation",
                        {{std::to_string(*memory.request), "memory.low or soft limit"}}});
  }
}

}  // namespace

std::uint64_t weight_of_shares(std::uint64_t shares, ShareRule rule) {
  shares = std::clamp(shares, kFewestShares, kMostShares);
  if (rule == ShareRule::linear) {
    return 1 + ((shares - 2) * 9999) / 262142;
  }
  if (rule == ShareRule::proportional) {
    return std::clamp<std::uint64_t>(shares * kDefaultWeight / kDefaultShares, 1, 10000);
  }
  if (shares == kFewestShares || shares == kMostShares) {
    return shares == kFewestShares ? 1 : 10000;
  }
  const double l = std::log2(static_cast<double>(shares));
  const double exponent = (l * l + 125 * l) / 612.0 - 7.0 / 34.0;
  return static_cast<std::uint64_t>(std::ceil(std::pow(10, exponent)));
}

std::pair<std::uint64_t, std::uint64_t> shares_of_weight(std::uint64_t weight, ShareRule rule) {
  // All three rise with the shares: the first with at least this weight, by halving.
  const auto first_with = [&](std::uint64_t wanted) {
    std::uint64_t low = kFewestShares, high = kMostShares + 1;
    while (low < high) {
      const std::uint64_t middle = (low + high) / 2;
      if (weight_of_shares(middle, rule) >= wanted) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  };
  const std::uint64_t low = first_with(weight);
  if (low > kMostShares || weight_of_shares(low, rule) != weight) {
    return {0, 0};
  }
  return {low, std::min(first_with(weight + 1) - 1, kMostShares)};
}

std::vector<Setting> infer_settings(const Limits& limits) {
  std::vector<Setting> settings;
  infer_quota(settings, limits.cpu);
  infer_shares(settings, limits.cpu);
  infer_memory(settings, limits.memory);
  if (is_set(limits.pids.max)) {
    settings.push_back(
        {"docker --pids-limit", {{std::to_string(limits.pids.max.value), "pids.max"}}});
  }
  return settings;
}

}  // namespace toolkit::cgroup
