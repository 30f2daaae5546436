#include "gpu_free.hpp"

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/gpu/probe_values.hpp>
#include <toolkit/gpu/visible_devices.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::probe {
namespace {

// A process of another container is not always listed, but a CUDA context takes more than this;
// what the driver keeps for itself is less.
constexpr std::uint64_t kOfNobody = 100 << 20;

enum class State { is_free, is_used, unseen };

Finding cannot_tell(std::string_view why, bool final = false) {
  return {.final = final,
          .reason = Reason::unknown,
          .words = fmt::format("cannot tell: {}", why),
          .exit_code = final ? std::optional(3) : std::nullopt};
}

std::optional<std::uint64_t> bytes_of(const gpu::NvmlGpu& gpu, const char* key) {
  const auto found = gpu.values.find(key);
  const auto number = found == gpu.values.end() ? std::nullopt : parse_whole(found->second);
  return number && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

// With MIG the memory belongs to instances, which have no such numbers.
bool is_divided(const gpu::NvmlGpu& gpu) {
  const auto mode = gpu.values.find(gpu::value::kMigMode);
  return mode != gpu.values.end() && mode->second != "0";
}

State state_of(const gpu::NvmlGpu& gpu, const WantedGpus& wanted) {
  if (is_divided(gpu)) {
    return State::unseen;
  }
  if (wanted.bytes) {
    const auto free = bytes_of(gpu, gpu::value::kMemoryFree);
    return !free ? State::unseen : *free >= *wanted.bytes ? State::is_free : State::is_used;
  }
  const auto used = bytes_of(gpu, gpu::value::kMemoryUsed);
  if (!gpu.processes.empty() || used.value_or(0) > kOfNobody) {
    return State::is_used;
  }
  return used && !gpu.absent.contains("process.compute") ? State::is_free : State::unseen;
}

// Why NVML has nothing to say; empty when it has.
Finding silence(const gpu::ProbeFacts& facts) {
  const auto probe = std::ranges::find(facts.outcomes, "nvml", &gpu::ProbeOutcome::name);
  const std::string state = probe == facts.outcomes.end() ? "not started" : probe->state;
  const gpu::NvmlFacts& nvml = facts.nvml;
  if (state == "no loader") {
    return cannot_tell("this image has no dynamic loader, without which NVML does not start", true);
  }
  if (state == "not started") {
    return cannot_tell("the probe of NVML could not be started");
  }
  if (!nvml.load_error.empty()) {
    return cannot_tell("no NVML here: " + printable(nvml.load_error), true);
  }
  if (!nvml.count && state != "done") {
    return cannot_tell(fmt::format("NVML has {} in {}", state == "hung" ? "hung" : "crashed",
                                   printable(probe->phase)));
  }
  if (nvml.init_error.value_or(0) != 0 || !nvml.count) {
    const int code =
        nvml.init_error.value_or(0) != 0 ? *nvml.init_error : nvml.count_error.value_or(-1);
    return cannot_tell(fmt::format("NVML answers with error {}", code));
  }
  return {};
}

// Those that programs see. An error is the reason why that cannot be said.
tl::expected<std::vector<const gpu::NvmlGpu*>, std::string> selected(
    const gpu::NvmlFacts& nvml, const GpuSelection& selection) {
  std::vector<const gpu::NvmlGpu*> all;
  std::vector<gpu::VisibleCandidate> candidates;
  bool alike = true;
  for (const gpu::NvmlGpu& gpu : nvml.gpus) {
    all.push_back(&gpu);
    candidates.push_back({gpu.uuid, {}});
    alike = alike && gpu.name == nvml.gpus.front().name;
  }
  const auto visible = gpu::visible_devices(selection.visible_devices, candidates);
  if (!visible.set) {
    return all;
  }
  // CUDA's own order is the fastest first, NVML's that of the bus.
  if (visible.by_number && !alike && selection.device_order != "PCI_BUS_ID") {
    return tl::unexpected(
        std::string("CUDA_VISIBLE_DEVICES has numbers, the GPUs differ, and CUDA_DEVICE_ORDER is "
                    "not PCI_BUS_ID"));
  }
  if (visible.end == gpu::ListEnd::absent && nvml.count.value_or(0) > std::ssize(nvml.gpus)) {
    return tl::unexpected(fmt::format("CUDA_VISIBLE_DEVICES names '{}', which has not answered",
                                      printable(visible.culprit)));
  }
  std::vector<const gpu::NvmlGpu*> shown;
  for (const gpu::VisibleEntry& entry : visible.entries) {
    shown.push_back(all[entry.gpu]);
  }
  return shown;
}

std::string describe(long long free, long long all, const WantedGpus& wanted) {
  return fmt::format("{} of {} GPUs {} {}", free, all, free == 1 ? "has" : "have",
                     wanted.bytes ? describe_bytes(*wanted.bytes) + " free" : "no process");
}

}  // namespace

Finding judge_gpus(const gpu::ProbeFacts& facts, const WantedGpus& wanted,
                   const GpuSelection& selection) {
  if (Finding silent = silence(facts); silent.reason != Reason::none) {
    return silent;
  }
  const auto gpus = selected(facts.nvml, selection);
  if (!gpus) {
    return cannot_tell(gpus.error());
  }
  const auto counted = [&](State state) {
    return std::ranges::count_if(
        *gpus, [&](const gpu::NvmlGpu* gpu) { return state_of(*gpu, wanted) == state; });
  };
  // Those that NVML counts and had no time to tell of are unseen, if they may be meant.
  const auto told = static_cast<long long>(facts.nvml.gpus.size());
  const long long untold = selection.visible_devices ? 0 : std::max(0LL, *facts.nvml.count - told);
  const long long all = static_cast<long long>(gpus->size()) + untold;
  const long long free = counted(State::is_free), unseen = counted(State::unseen) + untold;
  const long long count = wanted.count.value_or(std::max(all, 1LL));
  if (free >= count) {
    return {.met = true, .words = describe(free, all, wanted), .exit_code = {}};
  }
  const std::string words = describe(free, all, wanted);
  if (free + unseen >= count) {
    return cannot_tell(fmt::format("{}, and {} cannot be seen", words, unseen));
  }
  return {
      .reason = Reason::busy,
      .words = fmt::format("{}, wanted {}", words, wanted.count ? std::to_string(count) : "all"),
      .exit_code = {}};
}

}  // namespace toolkit::probe
