// gpu-free:SIZE [gpus=N|all] and gpu-free:idle [gpus=N|all]
//
// So many of the NVIDIA GPUs that a program would see have SIZE of memory free, or nobody uses
// them. NVML is asked, in the process of a probe: whatever happens in the driver, only the answer
// is lost.

#include "gpu_free.hpp"

#include "looking.hpp"
#include "schemes.hpp"
#include "values.hpp"

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/gpu/collect.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace toolkit::probe {
namespace {

// To start NVML takes a second where nothing keeps the driver loaded.
constexpr Milliseconds kGpuPace{5'000};
// What the end of a probe that hangs takes, beyond its time.
constexpr Milliseconds kEndOfProbe{250};
// With less it may only be slow.
constexpr Milliseconds kTimeToCallItHung{1'000};

std::optional<std::string_view> variable(std::string_view name) {
  const char* value = ::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string_view>(value);
}

bool has_answered(const gpu::ProbeFacts& facts) {
  return std::ranges::none_of(facts.outcomes,
                              [](const gpu::ProbeOutcome& probe) { return probe.state == "hung"; });
}

Finding look(const WantedGpus& wanted, SteadyTime until) {
  const auto left =
      std::chrono::duration_cast<Milliseconds>(until - std::chrono::steady_clock::now());
  gpu::CollectOptions options;
  options.timeout = std::max(left - kEndOfProbe, left / 2);
  options.variables = variable;
  const gpu::ProbeFacts facts = gpu::ask_nvml(options);
  if (options.timeout < kTimeToCallItHung && !has_answered(facts)) {
    // The rest of an attempt before the deadline: no word, and what was known before stays.
    std::this_thread::sleep_until(until);
    return {.reason = Reason::timed_out,
            .words = fmt::format("NVML has not answered for {}", describe_duration(left)),
            .exit_code = {}};
  }
  return judge_gpus(facts, wanted,
                    {variable("CUDA_VISIBLE_DEVICES"), variable("CUDA_DEVICE_ORDER")});
}

std::optional<condition::Mistake> read_count(const condition::Leaf& leaf,
                                             const condition::Parameter& parameter,
                                             WantedGpus& wanted) {
  wanted.count = parse_whole(parameter.value.text);
  if (parameter.value.text != "all" && wanted.count.value_or(0) < 1) {
    return mistake(leaf, parameter.value, "gpus= wants a number of GPUs or all").value();
  }
  return wants_operator(leaf, parameter, "=");
}

}  // namespace

Made make_gpu_free(const condition::Leaf& leaf, const Settings&) {
  if (auto wrong = unknown_parameter(leaf, {"gpus"})) {
    return tl::unexpected(std::move(*wrong));
  }
  WantedGpus wanted;
  if (leaf.target.text != "idle") {
    const auto size = parse_byte_size(leaf.target.text);
    if (!size) {
      return mistake(leaf, leaf.target, "gpu-free: wants a size or the word idle",
                     "such as gpu-free:40G or 'gpu-free:idle gpus=all'");
    }
    wanted.bytes = size->bytes;
  }
  for (const condition::Parameter& parameter : leaf.parameters) {
    if (auto wrong = read_count(leaf, parameter, wanted)) {
      return tl::unexpected(std::move(*wrong));
    }
  }
  return make_looking_probe([wanted](SteadyTime until) { return Look{look(wanted, until)}; },
                            nullptr, kGpuPace);
}

}  // namespace toolkit::probe
