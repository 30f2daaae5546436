#pragma once
// What stands in one cell of check-gpu's tables, "" for what was not seen.

#include <toolkit/gpu/inventory.hpp>

#include <string>

namespace toolkit::commands {

[[nodiscard]] std::string memory_cell(const gpu::Gpu& gpu);       // "1.2/79.6": used, all
[[nodiscard]] std::string temperature_cell(const gpu::Gpu& gpu);  // "41"
[[nodiscard]] std::string power_cell(const gpu::Gpu& gpu);        // "310/700"
[[nodiscard]] std::string pcie_cell(const gpu::Gpu& gpu);         // "gen5 x16"
[[nodiscard]] std::string nvlink_cell(const gpu::Gpu& gpu);       // "18/18": up, all
[[nodiscard]] std::string ecc_cell(const gpu::Gpu& gpu);          // errors not corrected, or "off"
[[nodiscard]] std::string link_cell(const gpu::Facts& facts, const gpu::Gpu& from,
                                    const gpu::Gpu& to);  // "NV18", "PIX", "SYS", "-"

}  // namespace toolkit::commands
