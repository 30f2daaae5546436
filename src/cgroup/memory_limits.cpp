// Documentation/admin-guide/cgroup-v1/memory.rst, cgroup-v2.rst "Memory Interface Files".
#include "group_files.hpp"
#include "limits.hpp"
#include "oom_events.hpp"

#include <algorithm>

namespace toolkit::cgroup {
namespace {

using State = Limit<std::uint64_t>::State;
using Bytes = std::optional<std::uint64_t>;

// v1's memory.stat names what is enforced over all ancestors, hidden ones included (and leaves
// ancestors out where memory.use_hierarchy is off), so it is the value; the files of the groups
// only tell which one it comes from.
Limit<std::uint64_t> hierarchical(const Place& place, const Hierarchies& hierarchies,
                                  const std::optional<std::string>& stat, std::string_view key,
                                  std::string_view file) {
  const Bytes found = stat ? value_of(*stat, key) : std::nullopt;
  if (!found) {
    return tightest_count(place, hierarchies, file);
  }
  const std::uint64_t said = *found;
  if (said >= kUnlimited) {
    return {State::unlimited, 0, "", ""};
  }
  Limit<std::uint64_t> limit = tightest_count(place, hierarchies, file);
  if (limit.state != State::set || limit.value != said) {
    limit.directory = "";
    for (const std::string& directory : place.chain) {
      if (read_count(directory + "/" + std::string(file)) == said) {
        limit.directory = directory.substr(hierarchies.root().size());
        break;
      }
    }
  }
  limit.state = State::set;
  limit.value = said;
  limit.reason = "";
  return limit;
}

// memory.memsw is the sum of both; what is not used by memory may all be swap.
Limit<std::uint64_t> swap_alone(Limit<std::uint64_t> sum, const Limit<std::uint64_t>& memory) {
  if (sum.state == State::set && memory.state == State::set) {
    sum.value -= std::min(sum.value, memory.value);
  }
  return sum;
}

void read_own_v1(MemoryLimits& limits, const std::string& own,
                 const std::optional<std::string>& stat) {
  limits.usage = read_count(own + "/memory.usage_in_bytes");
  limits.peak = read_count(own + "/memory.max_usage_in_bytes");
  limits.request = read_count(own + "/memory.soft_limit_in_bytes");
  if (stat) {
    limits.cache = value_of(*stat, "total_cache");
    limits.swap_usage = value_of(*stat, "total_swap");
  }
}

void read_own_v2(MemoryLimits& limits, const std::string& own) {
  const auto stat = read_text(own + "/memory.stat");
  limits.cache = stat ? value_of(*stat, "file") : std::nullopt;
  limits.usage = read_count(own + "/memory.current");
  limits.peak = read_count(own + "/memory.peak");
  limits.swap_usage = read_count(own + "/memory.swap.current");
  for (const char* file : {"/memory.low", "/memory.min"}) {
    const Bytes bytes = read_count(own + file);
    limits.request = !limits.request && bytes && *bytes > 0 ? bytes : limits.request;
  }
}

}  // namespace

MemoryLimits read_memory(const Hierarchies& hierarchies) {
  const Place place = hierarchies.find("memory");
  MemoryLimits limits;
  limits.group = place.group;
  const bool visible = !place.group.directory.empty();
  const std::string own = visible ? place.chain.front() : "";
  if (place.group.version == 1) {
    const auto stat = visible ? read_text(own + "/memory.stat") : std::nullopt;
    limits.hard = hierarchical(place, hierarchies, stat, "hierarchical_memory_limit",
                               "memory.limit_in_bytes");
    limits.swap = swap_alone(hierarchical(place, hierarchies, stat, "hierarchical_memsw_limit",
                                          "memory.memsw.limit_in_bytes"),
                             limits.hard);
    limits.high = {State::unlimited, 0, "", ""};
    if (visible) {
      read_own_v1(limits, own, stat);
    }
  } else {
    limits.hard = tightest_count(place, hierarchies, "memory.max");
    limits.high = tightest_count(place, hierarchies, "memory.high");
    limits.swap = tightest_count(place, hierarchies, "memory.swap.max");
    if (visible) {
      read_own_v2(limits, own);
    }
  }
  if (visible) {
    const auto events =
        read_text(own + (place.group.version == 2 ? "/memory.events" : "/memory.oom_control"));
    limits.oom_kills = events ? value_of(*events, "oom_kill") : std::nullopt;
  }
  return limits;
}

std::optional<std::uint64_t> effective_memory(const MemoryLimits& memory,
                                              std::optional<std::uint64_t> machine_total) {
  if (memory.hard.state != State::set) {
    return machine_total;
  }
  return std::min(memory.hard.value, machine_total.value_or(memory.hard.value));
}

}  // namespace toolkit::cgroup
