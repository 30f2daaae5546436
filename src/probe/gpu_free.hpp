#pragma once
// What NVML has said about memory and processes, judged. Pure.

#include <toolkit/gpu/probe_facts.hpp>
#include <toolkit/probe/probe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace toolkit::probe {

struct WantedGpus {
  std::optional<std::uint64_t> bytes;  // free on each; nothing: nobody may use it
  std::optional<long long> count = 1;  // nothing: all
};

/// Which of them programs see, as CUDA reads the variables.
struct GpuSelection {
  std::optional<std::string_view> visible_devices, device_order;
};

[[nodiscard]] Finding judge_gpus(const gpu::ProbeFacts& facts, const WantedGpus& wanted,
                                 const GpuSelection& selection);

}  // namespace toolkit::probe
