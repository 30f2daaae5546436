#pragma once
// The device files asked by a copy of ourselves, where the image has no loader that could run the
// probe (musl, empty): opening a file takes no library.

#include "launch.hpp"

#include <optional>
#include <string>
#include <vector>

namespace toolkit::gpu {

/// The same lines as `nodes PATH...` of the probe, and like it nothing of ours is held.
[[nodiscard]] std::optional<Started> ask_nodes_ourselves(const std::vector<std::string>& paths);

}  // namespace toolkit::gpu
