// Links between GPUs, and the fabric of NVSwitches.
#include "gpus.hpp"
#include "rules.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::diagnosis {
namespace {

using gpu::NvmlGpu;
namespace value = gpu::value;

std::int64_t link_number(const std::map<std::string, std::string>& link, const char* key) {
  const auto it = link.find(key);
  return it == link.end() ? 0 : parse_whole(it->second).value_or(0);
}

std::ptrdiff_t links_up(const NvmlGpu& gpu) {
  return std::ranges::count_if(gpu.links,
                               [](const auto& link) { return link_number(link, "state") == 1; });
}

std::int64_t sum(const NvmlGpu& gpu, const char* key) {
  std::int64_t all = 0;
  for (const auto& link : gpu.links) {
    all += link_number(link, key);
  }
  return all;
}

std::string links_down(const NvmlGpu& gpu) {
  std::string list;
  for (const auto& link : gpu.links) {
    if (link_number(link, "state") != 1) {
      const auto it = link.find("link");
      list += (list.empty() ? "" : ", ") + (it == link.end() ? "?" : it->second);
    }
  }
  return list;
}

// `most`: links that another GPU of the same name has up.
Finding state(const NvmlGpu& gpu, std::ptrdiff_t most) {
  if (gpu.links.empty()) {
    return gpu.absent.find("nvlink") == gpu.absent.end() ? skip("this GPU has no NVLink")
                                                         : not_there(gpu, "nvlink");
  }
  const std::ptrdiff_t up = links_up(gpu);
  const auto all = static_cast<std::ptrdiff_t>(gpu.links.size());
  std::vector<std::string> evidence{fmt::format("{} of {} links up", up, all)};
  if (number(gpu, value::kMigMode) == 1 && up == 0) {
    return skip("MIG is on, which switches NVLink off", evidence);
  }
  if (up == 0 && most == 0) {
    return skip("no NVLink is up on any GPU of this kind: there are no bridges", evidence);
  }
  if (up < std::max(most, up > 0 ? all : 0)) {
    evidence.push_back(fmt::format("down: {}", links_down(gpu)));
    return as("down",
              fail(Owner::hardware, fmt::format("{} of {} NVLinks are up", up, std::max(most, all)),
                   "reset the GPU; if the link stays down, have GPU, bridge or baseboard "
                   "examined",
                   evidence));
  }
  const std::int64_t replay = sum(gpu, "replay");
  const std::int64_t recovery = sum(gpu, "recovery");
  const std::int64_t crc = sum(gpu, "crc");
  evidence.push_back(
      fmt::format("replays {}, recoveries {}, CRC errors {}", replay, recovery, crc));
  if (replay > 0 || recovery > 0) {
    return as("errors",
              fail(Owner::hardware,
                   fmt::format("NVLink has had {} replays and {} recoveries", replay, recovery),
                   "reset the GPU; if they come back, have the links examined", evidence));
  }
  if (crc > 0) {
    return as("crc", warn(Owner::hardware, fmt::format("NVLink has had {} CRC errors", crc),
                          "watch whether the number grows", evidence));
  }
  return pass(fmt::format("{} NVLinks are up", up), evidence);
}

std::vector<Finding> judge_state(const Question& question) {
  const gpu::NvmlFacts& nvml = question.facts.probes.nvml;
  if (!nvml_matters(question) || nvml.init_error != 0) {
    return {};
  }
  std::vector<Finding> findings;
  for (const NvmlGpu& gpu : nvml.gpus) {
    if (gpu.handle_error != 0) {
      continue;
    }
    std::ptrdiff_t most = 0;
    for (const NvmlGpu& other : nvml.gpus) {
      most = other.name == gpu.name ? std::max(most, links_up(other)) : most;
    }
    findings.push_back(state(gpu, most));
    findings.back().scope = scope_of(gpu);
  }
  return findings;
}

const char* why_not(std::string_view answer) {
  return answer == "chipset"       ? "the chipset does not allow it"
         : answer == "gpu"         ? "one of the GPUs cannot"
         : answer == "topology"    ? "the way between them does not allow it"
         : answer == "disabled"    ? "a setting of the driver (registry key) forbids it"
         : answer == "unsupported" ? "it is not supported here"
                                   : "the driver does not say why";
}

// NVLinks that are up mean nothing when the driver will not use them between two GPUs.
std::vector<Finding> judge_p2p(const Question& question) {
  const gpu::NvmlFacts& nvml = question.facts.probes.nvml;
  if (!nvml_matters(question) || nvml.p2p.empty()) {
    return {};
  }
  const auto linked = [&](std::string_view pair) {
    return std::ranges::all_of(split(pair, '-'), [&](std::string_view index) {
      return std::ranges::any_of(nvml.gpus, [&](const NvmlGpu& gpu) {
        return gpu.index == parse_whole(index) && links_up(gpu) > 0 &&
               number(gpu, value::kMigMode).value_or(0) == 0;
      });
    });
  };
  std::vector<std::string> refused;
  std::vector<std::string> slow;
  std::string_view reason;
  for (const auto& [key, answer] : nvml.p2p) {
    const std::string_view pair = std::string_view(key).substr(0, key.find(' '));
    const bool by_link = key.ends_with(" nvlink");
    if (answer == "ok" || (!by_link && !key.ends_with(" read"))) {
      continue;
    }
    // Bridges join pairs, so only a switch makes NVLink between all.
    const bool to_switch = std::ranges::any_of(nvml.gpus, [](const NvmlGpu& gpu) {
      return number(gpu, value::kNvlinkToSwitch).value_or(0) > 0;
    });
    if (by_link && to_switch && linked(pair)) {
      refused.push_back(fmt::format("{}: {}", key, answer));
      reason = answer;
    } else if (!by_link) {
      slow.push_back(fmt::format("{}: {}", key, answer));
      reason = refused.empty() ? std::string_view(answer) : reason;
    }
  }
  if (!refused.empty()) {
    return {as("nvlink",
               fail(Owner::node,
                    fmt::format("NVLinks are up, but {} GPU pairs may not use them: {}",
                                refused.size(), why_not(reason)),
                    "on the node, look at the fabric manager's log and at the module's options "
                    "(NVreg_RegistryDwords)",
                    refused))};
  }
  if (!slow.empty()) {
    return {as("peer", warn(Owner::node,
                            fmt::format("{} GPU pairs cannot reach each other's memory: {}; NCCL "
                                        "copies through the host's",
                                        slow.size(), why_not(reason)),
                            "look at IOMMU and ACS in the machine's firmware, unless these GPUs "
                            "cannot at all",
                            slow))};
  }
  return {pass("every GPU reaches every other")};
}

// Two bits each, of 0 not told, 1 yes, 2 no; the configuration has four.
std::string health_words(std::int64_t mask) {
  struct Bits {
    int shift;
    const char* words;
  };
  constexpr std::array kBits{Bits{0, "bandwidth is degraded"},
                             Bits{2, "a route is being recovered"}, Bits{4, "a route is unhealthy"},
                             Bits{6, "an access timeout is being recovered"}};
  std::string text;
  for (const Bits& bits : kBits) {
    if ((mask >> bits.shift & 3) == 1) {
      text += (text.empty() ? "" : ", ") + std::string(bits.words);
    }
  }
  constexpr std::array kWrong{"",
                              "",
                              "wrong system GUID",
                              "wrong chassis number",
                              "no partition",
                              "too few NVLinks",
                              "GPU firmware does not fit",
                              "wrong place",
                              "the GPU is in a wrong state"};
  const auto wrong = static_cast<std::size_t>(mask >> 8 & 15);
  if (wrong >= 2 && wrong < kWrong.size()) {
    text += (text.empty() ? "" : ", ") + std::string(kWrong[wrong]);
  }
  return text;
}

constexpr const char* kManager =
    "on the node, start nvidia-fabricmanager, of the driver's own version, and look at its log";

Finding fabric(const NvmlGpu& gpu) {
  const auto state = number(gpu, value::kFabricState);
  if (!state) {
    return not_there(gpu, value::kFabricState);
  }
  const std::vector<std::string> evidence{
      shown(gpu, value::kFabricState), shown(gpu, value::kFabricStatus),
      shown(gpu, value::kFabricHealth), shown(gpu, value::kFabricSummary),
      shown(gpu, value::kFabricClique)};
  if (*state == 0) {
    return skip("this GPU is on no fabric", evidence);
  }
  if (*state == 1) {
    return as("not_started",
              fail(Owner::node, "the NVSwitch fabric was not started", kManager, evidence));
  }
  if (*state == 2) {
    return as("in_progress", fail(Owner::node, "the NVSwitch fabric is still being set up",
                                  "wait a minute and look again; if it stays so, restart "
                                  "nvidia-fabricmanager on the node",
                                  evidence));
  }
  if (const auto status = number(gpu, value::kFabricStatus); status.value_or(0) != 0) {
    return as(
        "failed",
        fail(Owner::node, fmt::format("the NVSwitch fabric could not be set up (code {})", *status),
             kManager, evidence));
  }
  const std::string wrong = health_words(number(gpu, value::kFabricHealth).value_or(0));
  const auto summary = number(gpu, value::kFabricSummary).value_or(0);
  if (summary == 2 || !wrong.empty()) {
    return as(
        "unhealthy",
        fail(Owner::node,
             fmt::format("the NVSwitch fabric is unhealthy{}{}", wrong.empty() ? "" : ": ", wrong),
             "look at the fabric manager's log; drain the node and reset its GPUs "
             "and switches",
             evidence));
  }
  if (summary == 3) {
    return as("limited",
              fail(Owner::node, "the NVSwitch fabric has less than its capacity",
                   "look at the fabric manager's log for the links that it left out", evidence));
  }
  return pass("the NVSwitch fabric is set up", evidence);
}

std::vector<Finding> judge_fabric(const Question& question) { return each_gpu(question, fabric); }

constexpr std::array<std::string_view, 3> kNeeds{"nvml.init", "nvml.handles", "probe.hung"};
constexpr std::array<std::string_view, 4> kPeerNeeds{"nvml.init", "nvml.handles", "nvlink.state",
                                                     "fab.state"};

}  // namespace

std::span<const Rule> link_rules() {
  static constexpr std::array<Rule, 3> kRules{{
      {"fab.state", "Is the NVSwitch fabric set up?",
       "The state of the GPU's registration, its health mask (degraded bandwidth, routes, wrong "
       "configuration) and summary. GPUs on no fabric are skipped.",
       "nvml.h: nvmlGpuFabricInfo_v3_t; pytorch/pytorch#35710", kNeeds, judge_fabric},
      {"nvlink.state", "Are all NVLinks up and free of errors?",
       "Links that are down where others are up fail, as do replays and recoveries; CRC errors "
       "warn. GPUs "
       "without bridges and those with MIG have none.",
       "nvml.h: nvmlDeviceGetNvLinkState; NVIDIA/DCGM: its limits", kNeeds, judge_state},
      {"nvlink.p2p", "May GPUs reach each other's memory?",
       "NVML's answer for each pair. Links that are up are no proof: the driver may still refuse.",
       "nvml.h: nvmlDeviceGetP2PStatus; leptonai/gpud", kPeerNeeds, judge_p2p},
  }};
  return kRules;
}

}  // namespace toolkit::diagnosis
