#pragma once
// The two controllers with rules of their own; the rest is in limits.cpp.

#include "hierarchy.hpp"

namespace toolkit::cgroup {

[[nodiscard]] CpuLimits read_cpu(const Hierarchies& hierarchies);
/// cpu.stat of a group, below the tests' root, into `limits`.
void read_statistics(CpuLimits& limits, const std::string& directory);
[[nodiscard]] MemoryLimits read_memory(const Hierarchies& hierarchies);

}  // namespace toolkit::cgroup
