// The probes themselves: a driver that does not answer is the first thing to say.
#include "gpus.hpp"
#include "rules.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::diagnosis {
namespace {

// The GPU in "nvmlDeviceGetName(GPU 3)" or "open(/dev/nvidia3)", by its address where that is
// known.
std::string gpu_of(const gpu::Facts& facts, std::string_view phase) {
  const auto digits_behind = [&](std::string_view mark) -> std::optional<long long> {
    const std::size_t at = phase.find(mark);
    const std::string_view rest = at == phase.npos ? "" : phase.substr(at + mark.size());
    return parse_whole(rest.substr(0, rest.find(')')));
  };
  if (const auto index = digits_behind("(GPU ")) {
    for (const gpu::NvmlGpu& gpu : facts.probes.nvml.gpus) {
      if (gpu.index == *index && phase.starts_with("nvml")) {
        return scope_of(gpu);
      }
    }
    return fmt::format("GPU {}", *index);
  }
  if (const auto minor = digits_behind("(/dev/nvidia")) {
    for (const gpu::ProcGpu& gpu : facts.driver.proc_gpus) {
      if (gpu.minor == *minor) {
        return gpu.address;
      }
    }
    return fmt::format("/dev/nvidia{}", *minor);
  }
  return "";
}

Finding hung(const gpu::Facts& facts, const gpu::ProbeOutcome& outcome) {
  const std::string gpu = gpu_of(facts, outcome.phase);
  const std::string where = gpu.empty() ? "" : fmt::format(", {}", gpu);
  Finding finding = fail(
      Owner::hung,
      fmt::format("the driver does not answer: {} did not come back in {:.1f} s{}",
                  outcome.phase.empty() ? "a probe" : outcome.phase, outcome.elapsed_ms / 1000,
                  where),
      "on the node, drain it, read `dmesg` for Xid and NVRM lines, and reboot; programs that touch "
      "this GPU would hang in the same way",
      {fmt::format("probe {}: {}", outcome.name, outcome.detail)});
  finding.scope = gpu;
  return finding;
}

Finding crashed(const gpu::Facts& facts, const gpu::ProbeOutcome& outcome) {
  Finding finding =
      as("crashed",
         fail(Owner::node, fmt::format("the driver's library crashed in {}", outcome.phase),
              "reinstall the driver's packages on the node, of one version, and recreate the "
              "container",
              {fmt::format("probe {}: {}", outcome.name, outcome.detail)}));
  finding.scope = gpu_of(facts, outcome.phase);
  return finding;
}

std::vector<Finding> judge_probes(const Question& question) {
  std::vector<Finding> findings;
  std::size_t done = 0;
  for (const gpu::ProbeOutcome& outcome : question.facts.probes.outcomes) {
    done += outcome.state == "done" ? 1 : 0;
    if (outcome.state == "hung") {
      findings.push_back(hung(question.facts, outcome));
    } else if (outcome.state == "crashed") {
      findings.push_back(crashed(question.facts, outcome));
    } else if (outcome.state == "no loader") {
      return {as("no_loader",
                 unknown("NVML and CUDA cannot be asked: this image has no glibc loader (PT_INTERP "
                         "of the probe is missing), so no program here can load them either"))};
    } else if (outcome.state == "not started") {
      findings.push_back(as("not_started", unknown(fmt::format("the probe {} was not started: {}",
                                                               outcome.name, outcome.detail))));
    }
  }
  if (findings.empty() && done > 0) {
    findings.push_back(pass(fmt::format("{} probes have answered", done)));
  }
  return findings;
}

}  // namespace

std::span<const Rule> probe_rules() {
  static constexpr std::array<Rule, 1> kRules{{
      {"probe.hung",
       "Does the driver answer at all?",
       "Devices are opened, and NVML, CUDA and libibverbs asked, each in a process of its own "
       "under a "
       "deadline. One that does not come back is named with the call it is in and where the kernel "
       "holds it (/proc/PID/stat, wchan, stack), then killed; what cannot be killed is left. A "
       "driver "
       "in this state needs a reboot.",
       "leptonai/gpud#117; NVIDIA/gpu-monitoring-tools#46; NVIDIA/NVSentinel#1576",
       {},
       judge_probes},
  }};
  return kRules;
}

}  // namespace toolkit::diagnosis
