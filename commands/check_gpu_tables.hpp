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

/// Several scopes in few words: "all 8 GPUs", "GPU 3 (0000:3b:00.0), mlx5_0/1".
[[nodiscard]] std::string scope_names(const std::vector<std::string>& scopes,
                                      const gpu::Inventory& inventory);

/// Lines: the heads of the columns, then one a GPU; empty without GPUs. A column of which nothing
/// was seen is left out.
[[nodiscard]] std::vector<std::string> gpu_table(const Judged& judged,
                                                 const gpu::Inventory& inventory);

/// How far GPUs and RDMA adapters are from each other, in the words of `nvidia-smi topo -m`: NV18
/// for so many links of NVLink. Empty with less than two of them.
[[nodiscard]] std::vector<std::string> link_table(const gpu::Facts& facts,
                                                  const gpu::Inventory& inventory);

/// What --deep measured, a line a GPU; empty where it did not run.
[[nodiscard]] std::vector<std::string> deep_table(const gpu::DeepFacts& deep);

}  // namespace toolkit::commands
