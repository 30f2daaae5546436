#pragma once
// What several rules ask about NVIDIA's driver.

#include <toolkit/diagnosis/rule.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::diagnosis {

/// There is a sign of NVIDIA here, or somebody asked for it; and its driver is the usual one, not
/// that of WSL or Jetson.
[[nodiscard]] bool concerns_nvidia(const Question& question);

/// /dev/nvidia3, not /dev/nvidiactl.
[[nodiscard]] bool is_gpu_node(const gpu::DeviceNode& node);
/// "0000:3b:00.0" of /dev/nvidia3 where /proc knows it, else the path.
[[nodiscard]] std::string scope_of(const gpu::DriverFacts& driver, const gpu::DeviceNode& node);
/// The driver was told to leave this GPU alone; its open fails with EPERM.
[[nodiscard]] bool is_excluded(const gpu::DriverFacts& driver, const gpu::DeviceNode& node);
[[nodiscard]] const gpu::DeviceNode* node_at(const gpu::DriverFacts& driver, std::string_view path);
[[nodiscard]] bool in_container(const gpu::Facts& facts);

/// "open /dev/nvidia1: EIO (Input/output error)"
[[nodiscard]] std::string opened(const gpu::DeviceNode& node);
[[nodiscard]] Finding with_variant(Finding finding, const char* variant);
[[nodiscard]] Finding with_scope(Finding finding, std::string scope);

// device.cpp has the table; these are in device_nodes.cpp.
[[nodiscard]] std::vector<Finding> judge_cgroup(const Question& question);
[[nodiscard]] std::vector<Finding> judge_nodes(const Question& question);
[[nodiscard]] std::vector<Finding> judge_uvm(const Question& question);

}  // namespace toolkit::diagnosis
