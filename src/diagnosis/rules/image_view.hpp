#pragma once
// What the rules about the image ask of the facts: the GPUs, the driver, the CUDA that counts.

#include <toolkit/diagnosis/rule.hpp>

#include <string>
#include <vector>

namespace toolkit::diagnosis {

struct GpuView {
  std::string scope, name, capability;  // "0000:3b:00.0", "NVIDIA A100-SXM4-80GB", "8.0"
};

/// NVML's GPUs, else CUDA's.
[[nodiscard]] std::vector<GpuView> gpus_of(const gpu::Facts& facts);

/// Of the kernel module: what it answers itself before what files say of it. "" unseen.
[[nodiscard]] std::string driver_version(const gpu::Facts& facts);

/// The newest CUDA that the driver knows: its own answer, else by the tables. "" unseen.
[[nodiscard]] std::string driver_cuda(const Question& question);

struct ImageCuda {
  std::string version, source;
};

/// The CUDA that programs of this image use: that of its frameworks, else CUDA_VERSION, else the
/// newest runtime. Empty for none.
[[nodiscard]] ImageCuda image_cuda(const gpu::Facts& facts);

/// The forward-compatibility libcuda that the loader takes; null when it takes the host's.
[[nodiscard]] const gpu::CompatLibrary* compat_in_use(const gpu::Facts& facts);

/// Its note allows this driver branch, or does not say.
[[nodiscard]] bool compat_allows(const gpu::CompatLibrary& library, std::string_view driver);

[[nodiscard]] const gpu::Tables& tables_of(const Question& question);

}  // namespace toolkit::diagnosis
