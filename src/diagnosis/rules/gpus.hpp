#pragma once
// What the rules about NVML's answers share.

#include <toolkit/diagnosis/rule.hpp>
#include <toolkit/gpu/probe_values.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace toolkit::diagnosis {

/// Somebody asked for NVIDIA's GPUs, or there is a trace of them.
[[nodiscard]] bool nvml_matters(const Question& question);

/// A value as a number; nothing where it is not there.
[[nodiscard]] std::optional<std::int64_t> number(const gpu::NvmlGpu& gpu, const char* key);
/// "ecc.mode 1", for the evidence.
[[nodiscard]] std::string shown(const gpu::NvmlGpu& gpu, const char* key);

/// Why a value is not there: skip where the GPU or its driver have no such thing, unknown where we
/// may not see it.
[[nodiscard]] Finding not_there(const gpu::NvmlGpu& gpu, const char* key);

/// "0000:3b:00.0", else "GPU 3".
[[nodiscard]] std::string scope_of(const gpu::NvmlGpu& gpu);

/// One finding a GPU with a handle. Where NVML did not start, one unknown for all.
[[nodiscard]] std::vector<Finding> each_gpu(const Question& question,
                                            Finding (*judge)(const gpu::NvmlGpu& gpu));

/// What a library's return code means, as a row of its table.
struct Code {
  int code;
  const char* variant;
  Owner owner;
  const char* cause;
  const char* remedy;
};

[[nodiscard]] Finding as(const char* variant, Finding finding);

}  // namespace toolkit::diagnosis
