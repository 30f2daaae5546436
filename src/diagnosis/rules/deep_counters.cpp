// What NVML counts, before the work of --deep and after it.
#include "gpus.hpp"
#include "rules.hpp"

#include <fmt/core.h>

#include <array>

namespace toolkit::diagnosis {
namespace {

namespace value = gpu::value;

struct Change {
  bool seen = false;
  std::int64_t more = 0;
  std::string evidence;
};

// A counter that has become smaller was set back meanwhile: it tells nothing.
Change change_of(const gpu::NvmlGpu& gpu, const char* key) {
  const std::string again = std::string(key) + value::kAfter;
  const auto before = number(gpu, key);
  const auto after = number(gpu, again.c_str());
  if (!before || !after || *after < *before) {
    return {};
  }
  return {true, *after - *before, fmt::format("{} {}, then {}", key, *before, *after)};
}

Finding counters(const gpu::NvmlGpu& gpu) {
  const Change uncorrected = change_of(gpu, value::kEccVolatileUncorrected);
  const Change corrected = change_of(gpu, value::kEccVolatileCorrected);
  const Change replays = change_of(gpu, value::kPcieReplays);
  if (uncorrected.more > 0) {
    return as("uncorrected",
              fail(Owner::hardware,
                   fmt::format("{} uncorrectable memory errors while it worked", uncorrected.more),
                   "do not train on this GPU; reset it, and have it replaced if they come back",
                   {uncorrected.evidence}));
  }
  if (corrected.more > 0) {
    return as("corrected",
              warn(Owner::hardware,
                   fmt::format("{} memory errors were corrected while it worked", corrected.more),
                   "watch this GPU; have it examined if it goes on", {corrected.evidence}));
  }
  if (replays.more > 0) {
    return as(
        "replays",
        warn(Owner::hardware,
             fmt::format("{} PCIe packets had to be sent again while it worked", replays.more),
             "reseat the GPU or its riser; look at the slot and at AER lines of `dmesg`",
             {replays.evidence}));
  }
  std::vector<std::string> evidence;
  for (const Change* change : {&uncorrected, &corrected, &replays}) {
    if (change->seen) {
      evidence.push_back(change->evidence);
    }
  }
  return evidence.empty() ? unknown("no counter was read both before and after the work")
                          : pass(fmt::format("{} of 3 counters were read twice; none has moved",
                                             evidence.size()),
                                 evidence);
}

std::vector<Finding> judge_counters(const Question& question) {
  return question.facts.probes.deep.ran ? each_gpu(question, counters) : std::vector<Finding>();
}

}  // namespace

std::span<const Rule> deep_counter_rules() {
  static constexpr std::array<std::string_view, 3> kNeeds{"nvml.init", "nvml.handles",
                                                          "probe.hung"};
  static constexpr std::array<Rule, 1> kRules{{
      {"burn.counters", "Did the GPU count errors while it worked?",
       "With --deep: NVML's counters of memory errors since the driver was loaded and of PCIe "
       "replays, read before the work and after it. Others' work on the GPU counts too.",
       "nvml.h: nvmlDeviceGetTotalEccErrors, nvmlDeviceGetPcieReplayCounter", kNeeds,
       judge_counters},
  }};
  return kRules;
}

}  // namespace toolkit::diagnosis
