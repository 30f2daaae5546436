#pragma once
// The aligned tables of check-gpu's page.

#include "check_gpu_judged.hpp"

#include <toolkit/gpu/inventory.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::commands {

/// "GPU 3 (0000:3b:00.0)" for the address of a GPU; other scopes as they are.
[[nodiscard]] std::string scope_name(std::string_view scope, const gpu::Inventory& inventory);

/// Lines: the heads of the columns, then one a GPU; empty without GPUs.
[[nodiscard]] std::vector<std::string> gpu_table(const Judged& judged,
                                                 const gpu::Inventory& inventory);

}  // namespace toolkit::commands
