#pragma once
// The two controllers with rules of their own; the rest is in limits.cpp.

#include "hierarchy.hpp"

namespace toolkit::cgroup {

[[nodiscard]] CpuLimits read_cpu(const Hierarchies& hierarchies);
[[nodiscard]] MemoryLimits read_memory(const Hierarchies& hierarchies);

}  // namespace toolkit::cgroup
