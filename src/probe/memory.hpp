#pragma once
// How much memory a program may still take here.

#include <toolkit/base/result.hpp>

#include <cstdint>
#include <string>

namespace toolkit::probe {

struct AvailableMemory {
  std::uint64_t machine = 0;  // MemAvailable of /proc/meminfo: proc_meminfo(5)
  /// The least that the limits of our cgroup and those above leave, as far as they can be seen.
  /// Page cache that is easily dropped (inactive_file) counts as free, as it does for the kubelet's
  /// working set. All of the machine's where there is no limit.
  std::uint64_t group = 0;
  bool group_visible = true;  // false: there may be a limit that we do not see
};

/// Reads below `root` ("" for the real one). The error says what could not be read.
[[nodiscard]] tl::expected<AvailableMemory, std::string> available_memory(
    const std::string& root = "");

}  // namespace toolkit::probe
