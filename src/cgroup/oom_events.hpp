#pragma once
// The kernel's counters of OOM kills in one group's directory.

#include <toolkit/cgroup/memory.hpp>

#include <string>
#include <string_view>

namespace toolkit::cgroup {

/// The number after `key` in a file of "key number" lines.
[[nodiscard]] std::optional<std::uint64_t> value_of(std::string_view text, std::string_view key);

/// memory.events: oom_kill and oom_group_kill of the group and everything below it.
[[nodiscard]] std::optional<OomCounts> oom_events_v2(std::string_view memory_events);
/// memory.oom_control's oom_kill (since Linux 4.13), of the group and the groups below it.
[[nodiscard]] std::optional<OomCounts> oom_events_v1(std::string_view oom_control,
                                                     const std::string& directory);

}  // namespace toolkit::cgroup
