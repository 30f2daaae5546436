#pragma once
// What takes no library is asked by a copy of ourselves: files whose driver may hang, and, where
// the image has no loader that could run the probe (musl, empty), the device files.

#include "launch.hpp"

#include <optional>
#include <string>
#include <vector>

namespace toolkit::gpu {

/// The same lines as `nodes PATH...` of the probe, and like it nothing of ours is held.
[[nodiscard]] std::optional<Started> ask_nodes_ourselves(const std::vector<std::string>& paths);

/// Small files of the kernel: `file PATH LINE` for each line of each that can be read.
[[nodiscard]] std::optional<Started> read_files_ourselves(const std::vector<std::string>& paths);

}  // namespace toolkit::gpu
