#pragma once
// What the files below /proc say, from their text alone.

#include <toolkit/gpu/driver_facts.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toolkit::gpu {

/// /proc/devices: its character devices. A major may have several names, as NVIDIA's 195 has.
[[nodiscard]] std::vector<std::pair<std::string, std::uint32_t>> parse_majors(
    std::string_view text);

/// "550.90.07" of "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.90.07  Release …".
[[nodiscard]] std::string version_in(std::string_view line);

/// /proc/driver/nvidia/gpus/ADDRESS/information. What stands in its lines wins over nothing.
[[nodiscard]] ProcGpu parse_information(std::string address, std::string_view text);

/// A number such as "0x10de" or "10DE", nothing for other text.
[[nodiscard]] std::optional<std::uint32_t> parse_hex(std::string_view text);

/// A driver's version: numbers with points between, at least two.
[[nodiscard]] bool is_version(std::string_view text);

}  // namespace toolkit::gpu
