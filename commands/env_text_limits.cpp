// What we may use, and who sets the limit.
#include "env_text_parts.hpp"

#include <toolkit/base/byte_size.hpp>

#include <fmt/format.h>

namespace toolkit::commands {
namespace {

std::string where(const std::string& directory, const std::string& reason) {
  return directory.empty() ? reason : directory;
}

template <typename T, typename Show>
Row limit_row(std::string name, const cgroup::Limit<T>& limit, Show show) {
  using State = typename cgroup::Limit<T>::State;
  std::string value = limit.state == State::set         ? show(limit.value)
                      : limit.state == State::unlimited ? "unlimited"
                                                        : "unknown";
  return {std::move(name), std::move(value), where(limit.directory, limit.reason)};
}

std::string cpus_text(const cgroup::CpuTime& time) { return fmt::format("{:.6g}", time.cpus()); }
std::string count_text(std::uint64_t count) { return fmt::format("{}", count); }

template <typename T>
std::string or_unknown(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "unknown";
}
std::string bytes_or_unknown(const std::optional<std::uint64_t>& bytes) {
  return bytes ? describe_bytes(*bytes) : "unknown";
}

Row effective_row(const Situation& situation) {
  if (!situation.cpus) {
    return {"cpus", "unknown", ""};
  }
  const cgroup::EffectiveCpus& cpus = *situation.cpus;
  return {"cpus", fmt::format("{}{:.6g}", cpus.at_most ? "at most " : "", cpus.cpus.value()),
          fmt::format("by {}: {}{}{}", cpus.binding, cpus.evidence, cpus.at_most ? "; " : "",
                      cpus.reason)};
}

std::vector<Row> cpu_rows(const Situation& situation) {
  const cgroup::CpuLimits& cpu = situation.limits.cpu;
  std::vector<Row> rows{effective_row(situation),
                        {"cpus usable", or_unknown(situation.facts.cpus.affinity),
                         fmt::format("of {} online", or_unknown(situation.facts.cpus.online))},
                        limit_row("cpu quota", cpu.quota, cpus_text)};
  if (cpu.weight) {
    rows.push_back({"cpu weight", count_text(*cpu.weight), "1 to 10000, 100 where nobody asks"});
  } else if (cpu.shares) {
    rows.push_back({"cpu shares", count_text(*cpu.shares), "2 to 262144, 1024 where nobody asks"});
  }
  if (cpu.throttled_periods && cpu.periods && *cpu.throttled_periods > 0) {
    rows.push_back({"throttled", fmt::format("{} of {}", *cpu.throttled_periods, *cpu.periods),
                    "periods in which the quota was used up"});
  }
  return rows;
}

}  // namespace

std::vector<Row> limit_rows(const Situation& situation) {
  std::vector<Row> rows = cpu_rows(situation);
  const cgroup::MemoryLimits& memory = situation.limits.memory;
  rows.push_back(limit_row("memory limit", memory.hard, describe_bytes));
  rows.push_back({"memory used", bytes_or_unknown(memory.usage),
                  memory.peak ? fmt::format("peak {}", describe_bytes(*memory.peak)) : ""});
  rows.push_back(limit_row("swap limit", memory.swap, describe_bytes));
  if (memory.oom_kills && *memory.oom_kills > 0) {
    rows.push_back({"OOM kills", count_text(*memory.oom_kills), memory.group.directory});
  }
  rows.push_back(limit_row("processes", situation.limits.pids.max, count_text));
  rows.push_back({"/dev/shm", bytes_or_unknown(situation.facts.shared_memory.total),
                  situation.facts.shared_memory.free
                      ? fmt::format("{} free", describe_bytes(*situation.facts.shared_memory.free))
                      : ""});
  for (const machine::ResourceLimit& limit : situation.facts.limits) {
    rows.push_back({"ulimit " + limit.name, limit.soft ? count_text(*limit.soft) : "unlimited",
                    limit.hard ? fmt::format("hard {}", *limit.hard) : "hard unlimited"});
  }
  return rows;
}

}  // namespace toolkit::commands
