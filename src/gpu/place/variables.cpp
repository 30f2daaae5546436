#include "parts.hpp"

#include <toolkit/base/secret.hpp>

#include <algorithm>
#include <array>

namespace toolkit::gpu {
namespace {

constexpr std::size_t kLongest = 4'096;

// Prefixes; a whole name is one too. COMPUTE_PROFILE and OPENCL_PROFILE are of DCGM's list.
constexpr std::array<std::string_view, 22> kPrefixes{"NVIDIA_",
                                                     "CUDA_",
                                                     "NCCL_",
                                                     "NVSHMEM_",
                                                     "NVTE_",
                                                     "NV_",
                                                     "NSIGHT_",
                                                     "ROCR_",
                                                     "HIP_",
                                                     "HSA_",
                                                     "RCCL_",
                                                     "AMD_",
                                                     "UCX_",
                                                     "TORCH_",
                                                     "PYTORCH_",
                                                     "COMPUTE_PROFILE",
                                                     "OPENCL_PROFILE",
                                                     "GPU_DEVICE_ORDINAL",
                                                     "LOCAL_WORLD_SIZE",
                                                     "LD_LIBRARY_PATH",
                                                     "LD_PRELOAD",
                                                     "TF_FORCE_GPU_ALLOW_GROWTH"};

bool is_about_gpus(std::string_view name) {
  const auto has = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
  return std::ranges::any_of(kPrefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); }) ||
         (name.starts_with("SLURM_") && (has("GPU") || has("GRES")));
}

}  // namespace

std::map<std::string, std::string> gpu_variables(const char* const* environment) {
  std::map<std::string, std::string> found;
  for (; environment != nullptr && *environment != nullptr; ++environment) {
    const std::string_view entry(*environment);
    const auto equals = entry.find('=');
    const std::string_view name = entry.substr(0, equals);
    if (equals == std::string_view::npos || !is_about_gpus(name)) {
      continue;
    }
    const std::string_view value = entry.substr(equals + 1, kLongest);
    found.emplace(name, is_secret_name(name) ? "***" : mask_secrets(value));
  }
  return found;
}

}  // namespace toolkit::gpu
