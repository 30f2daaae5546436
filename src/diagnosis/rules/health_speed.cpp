// What slows a GPU down.
#include "gpus.hpp"
#include "health.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::diagnosis {
namespace {

using gpu::NvmlGpu;
namespace value = gpu::value;

// nvml.h: nvmlClocksEventReason*
constexpr std::int64_t kApplicationClocks = 0x2, kHwSlowdown = 0x8, kSwThermal = 0x20,
                       kHwThermal = 0x40, kPowerBrake = 0x80, kDisplayClocks = 0x100;

// Read twice; what is set only once was a spike.
Finding throttle(const NvmlGpu& gpu) {
  const auto first = number(gpu, value::kThrottle);
  const auto again = number(gpu, value::kThrottleAgain);
  if (!first || !again) {
    return not_there(gpu, !first ? value::kThrottle : value::kThrottleAgain);
  }
  const std::vector<std::string> evidence{fmt::format("{} 0x{:x}", value::kThrottle, *first),
                                          fmt::format("{} 0x{:x}", value::kThrottleAgain, *again),
                                          shown(gpu, value::kTemperature)};
  const std::int64_t lasting = *first & *again;
  if ((lasting & kPowerBrake) != 0) {
    return as("power_brake",
              fail(Owner::hardware, "the power supply makes this GPU brake (HW power brake)",
                   "check the node's power supplies and the rack's power limit", evidence));
  }
  if ((lasting & kHwThermal) != 0) {
    return as("thermal",
              fail(Owner::hardware, "heat makes this GPU slow down (HW thermal slowdown)",
                   "check the node's fans and cooling", evidence));
  }
  if ((lasting & kHwSlowdown) != 0) {
    return as("hardware",
              fail(Owner::hardware, "hardware makes this GPU slow down (HW slowdown)",
                   "check the node's cooling, power supplies and power cables", evidence));
  }
  if ((lasting & kSwThermal) != 0) {
    return as("software_thermal", warn(Owner::node, "heat makes the driver slow this GPU down",
                                       "check the node's cooling", evidence));
  }
  if ((lasting & (kApplicationClocks | kDisplayClocks)) != 0) {
    return as("clocks", warn(Owner::node, "a setting holds this GPU's clocks down",
                             "on the node, `nvidia-smi -rac` and `nvidia-smi -rgc`", evidence));
  }
  return pass("nothing slows it down", evidence);
}

Finding temperature(const NvmlGpu& gpu) {
  const auto now = number(gpu, value::kTemperature);
  if (!now) {
    return not_there(gpu, value::kTemperature);
  }
  const auto slowdown = number(gpu, value::kTemperatureSlowdown);
  const auto most = number(gpu, value::kTemperatureGpuMax);
  const auto memory = number(gpu, value::kTemperatureMemory);
  const auto memory_most = number(gpu, value::kTemperatureMemoryMax);
  const std::vector<std::string> evidence{
      shown(gpu, value::kTemperature), shown(gpu, value::kTemperatureSlowdown),
      shown(gpu, value::kTemperatureGpuMax), shown(gpu, value::kTemperatureMemory)};
  const char* cooling = "check the node's fans, filters and cooling";
  if (slowdown.value_or(0) > 0 && *now >= *slowdown) {
    return as("slowdown",
              fail(Owner::hardware, fmt::format("{} °C, it slows down at {}", *now, *slowdown),
                   cooling, evidence));
  }
  if (memory && memory_most.value_or(0) > 0 && *memory > *memory_most) {
    return as("memory",
              fail(Owner::hardware,
                   fmt::format("its memory has {} °C, {} are allowed", *memory, *memory_most),
                   cooling, evidence));
  }
  if (most.value_or(0) > 0 && *now >= *most - 15) {
    return as("warm",
              warn(Owner::node,
                   fmt::format("{} °C before training has begun, {} are allowed", *now, *most),
                   cooling, evidence));
  }
  return pass(fmt::format("{} °C", *now), evidence);
}

Finding power(const NvmlGpu& gpu) {
  const auto limit = number(gpu, value::kPowerLimit);
  const auto usual = number(gpu, value::kPowerDefault);
  if (!limit || !usual) {
    return not_there(gpu, !limit ? value::kPowerLimit : value::kPowerDefault);
  }
  const std::vector<std::string> evidence{shown(gpu, value::kPowerLimit),
                                          shown(gpu, value::kPowerDefault),
                                          shown(gpu, value::kPowerUsage)};
  if (*limit < *usual / 10 * 9) {
    return as("capped",
              warn(Owner::node, fmt::format("capped at {} of {} W", *limit / 1000, *usual / 1000),
                   fmt::format("on the node, `nvidia-smi -pl {}`, unless the cap is meant",
                               *usual / 1000),
                   evidence));
  }
  return pass(fmt::format("{} W allowed", *limit / 1000), evidence);
}

// A lane that is lost stays lost; the generation goes down on idle GPUs and says nothing.
Finding pcie(const NvmlGpu& gpu) {
  const auto width = number(gpu, value::kPcieWidth);
  const auto most = number(gpu, value::kPcieMaxWidth);
  if (!width || !most) {
    return not_there(gpu, !width ? value::kPcieWidth : value::kPcieMaxWidth);
  }
  const std::vector<std::string> evidence{
      shown(gpu, value::kPcieWidth), shown(gpu, value::kPcieMaxWidth),
      shown(gpu, value::kPcieGeneration), shown(gpu, value::kPcieMaxGeneration),
      shown(gpu, value::kPcieReplays)};
  if (*width < *most) {
    return as("width",
              fail(Owner::hardware, fmt::format("{} of {} PCIe lanes are in use", *width, *most),
                   "reseat the GPU or its riser; have slot and GPU examined", evidence));
  }
  const auto slot = number(gpu, value::kPcieMaxGeneration);
  const auto own = number(gpu, value::kPcieGpuGeneration);
  if (slot && own && *slot < *own) {
    return as("generation",
              warn(Owner::hardware,
                   fmt::format("its slot does PCIe generation {}, the GPU {}", *slot, *own),
                   "look at the slot's setting in the machine's firmware, or use another slot",
                   evidence));
  }
  return pass(fmt::format("{} PCIe lanes", *width), evidence);
}

// Of GPUs of one name, the highest clock that one of them reaches.
std::int64_t best_clock(const gpu::NvmlFacts& nvml, const NvmlGpu& gpu, const char* key) {
  std::int64_t best = 0;
  for (const NvmlGpu& other : nvml.gpus) {
    best = other.name == gpu.name ? std::max(best, number(other, key).value_or(0)) : best;
  }
  return best;
}

}  // namespace

std::vector<Finding> judge_throttle(const Question& question) {
  return each_gpu(question, throttle);
}
std::vector<Finding> judge_temperature(const Question& question) {
  return each_gpu(question, temperature);
}
std::vector<Finding> judge_power(const Question& question) { return each_gpu(question, power); }
std::vector<Finding> judge_pcie(const Question& question) { return each_gpu(question, pcie); }

std::vector<Finding> judge_clocks(const Question& question) {
  const gpu::NvmlFacts& nvml = question.facts.probes.nvml;
  if (!nvml_matters(question) || nvml.init_error != 0) {
    return {};
  }
  std::vector<Finding> findings;
  for (const NvmlGpu& gpu : nvml.gpus) {
    if (gpu.handle_error != 0) {
      continue;
    }
    Finding finding =
        pass("as fast as the others of its kind",
             {shown(gpu, value::kClockMaxSm), shown(gpu, value::kClockApplicationSm)});
    for (const char* key :
         {value::kClockMaxSm, value::kClockMaxMemory, value::kClockApplicationSm}) {
      const auto own = number(gpu, key);
      const std::int64_t best = best_clock(nvml, gpu, key);
      if (own && *own < best) {
        finding =
            as("slower",
               warn(Owner::node,
                    fmt::format("{} MHz where others of its kind have {}: all ranks "
                                "will wait for it",
                                *own, best),
                    "on the node, `nvidia-smi -rac` and `nvidia-smi -rgc`", {shown(gpu, key)}));
        break;
      }
      if (!own && key == value::kClockMaxSm) {
        finding = not_there(gpu, key);
        break;
      }
    }
    finding.scope = scope_of(gpu);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace toolkit::diagnosis
