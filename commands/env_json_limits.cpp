#include "env_json_parts.hpp"

#include <toolkit/cgroup/settings.hpp>

namespace toolkit::commands {
namespace {

void write(JsonWriter& json, std::uint64_t number) { json.value(number); }
void write(JsonWriter& json, const cgroup::CpuTime& time) {
  json.begin_object().key("cpus").value(time.cpus(), 6);
  json.field("quota_us", time.quota_us).field("period_us", time.period_us).end_object();
}

template <typename T>
void write_limit(JsonWriter& json, std::string_view name, const cgroup::Limit<T>& limit) {
  using State = typename cgroup::Limit<T>::State;
  json.key(name).begin_object();
  json.field("state", limit.state == State::set         ? "set"
                      : limit.state == State::unlimited ? "unlimited"
                                                        : "unknown");
  json.key("value");
  limit.state == State::set ? write(json, limit.value) : void(json.null());
  text_or_null(json, "directory", limit.directory);
  text_or_null(json, "reason", limit.reason);
  json.end_object();
}

void write_group(JsonWriter& json, const cgroup::Group& group) {
  json.key("group").begin_object().field("version", group.version);
  text_or_null(json, "path", group.path);
  text_or_null(json, "directory", group.directory);
  json.field("hidden_above", group.hidden_above);
  text_or_null(json, "why_hidden", group.why_hidden);
  json.end_object();
}

void write_effective(JsonWriter& json, const cgroup::EffectiveCpus& cpus) {
  json.begin_object().key("cpus").value(cpus.cpus.value(), 6);
  json.field("numerator", cpus.cpus.numerator).field("denominator", cpus.cpus.denominator);
  text_or_null(json, "binding", cpus.binding);
  text_or_null(json, "evidence", cpus.evidence);
  json.field("at_most", cpus.at_most);
  text_or_null(json, "reason", cpus.reason);
  json.field("usable", std::uint64_t{cpus.usable}).field("floor", std::uint64_t{cpus.floor});
  json.field("ceiling", std::uint64_t{cpus.ceiling}).field("go", std::uint64_t{cpus.go});
  json.field("java", std::uint64_t{cpus.java}).end_object();
}

void write_cpu(JsonWriter& json, const cgroup::Limits& limits,
               const std::optional<cgroup::EffectiveCpus>& cpus) {
  json.key("cpu").begin_object().key("effective");
  cpus ? write_effective(json, *cpus) : void(json.null());
  write_group(json, limits.cpu.group);
  write_limit(json, "quota", limits.cpu.quota);
  number_or_null(json, "shares", limits.cpu.shares);
  number_or_null(json, "weight", limits.cpu.weight);
  number_or_null(json, "idle", limits.cpu.idle);
  number_or_null(json, "periods", limits.cpu.periods);
  number_or_null(json, "throttled_periods", limits.cpu.throttled_periods);
  number_or_null(json, "throttled_us", limits.cpu.throttled_us);
  text_or_null(json, "cpuset", limits.cpuset.effective.value_or(""));
  json.end_object();
}

void write_memory(JsonWriter& json, const cgroup::MemoryLimits& memory,
                  std::optional<std::uint64_t> total) {
  json.key("memory").begin_object();
  number_or_null(json, "effective_bytes", cgroup::effective_memory(memory, total));
  write_group(json, memory.group);
  write_limit(json, "limit_bytes", memory.hard);
  write_limit(json, "high_bytes", memory.high);
  write_limit(json, "swap_bytes", memory.swap);
  number_or_null(json, "usage_bytes", memory.usage);
  number_or_null(json, "peak_bytes", memory.peak);
  number_or_null(json, "swap_usage_bytes", memory.swap_usage);
  number_or_null(json, "cache_bytes", memory.cache);
  number_or_null(json, "request_bytes", memory.request);
  number_or_null(json, "oom_kills", memory.oom_kills);
  json.end_object();
}

void write_settings(JsonWriter& json, const std::vector<cgroup::Setting>& settings) {
  json.key("settings").begin_array();
  for (const cgroup::Setting& setting : settings) {
    json.begin_object().field("name", setting.name).key("candidates").begin_array();
    for (const cgroup::Candidate& one : setting.candidates) {
      json.begin_object().field("value", one.value).field("rule", one.rule).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

}  // namespace

void write_limits(JsonWriter& json, const Situation& situation) {
  const cgroup::Limits& limits = situation.limits;
  static constexpr std::string_view kLayouts[] = {"none", "v1", "v2", "hybrid"};
  json.key("limits").begin_object();
  json.field("layout", kLayouts[static_cast<std::size_t>(limits.layout)]);
  write_cpu(json, limits, situation.cpus);
  write_memory(json, limits.memory, situation.facts.memory.total);
  json.key("pids").begin_object();
  write_group(json, limits.pids.group);
  write_limit(json, "max", limits.pids.max);
  number_or_null(json, "current", limits.pids.current);
  json.end_object().key("hugepages").begin_array();
  for (const cgroup::HugePages& pages : limits.hugepages) {
    json.begin_object().field("size", pages.size);
    write_limit(json, "max_bytes", pages.max);
    number_or_null(json, "current_bytes", pages.current);
    json.end_object();
  }
  json.end_array().key("pressure").begin_object();
  number_or_null(json, "cpu_some", limits.pressure.cpu_some);
  number_or_null(json, "memory_some", limits.pressure.memory_some);
  number_or_null(json, "memory_full", limits.pressure.memory_full);
  number_or_null(json, "io_some", limits.pressure.io_some);
  number_or_null(json, "io_full", limits.pressure.io_full);
  json.end_object();
  write_settings(json, cgroup::infer_settings(limits));
  json.end_object();
}

}  // namespace toolkit::commands
