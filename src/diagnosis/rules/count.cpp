// Do all sides count the same GPUs?
#include "gpus.hpp"
#include "rules.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace toolkit::diagnosis {
namespace {

// How many GPUs each side sees; nothing where it cannot be compared.
struct Counts {
  std::optional<int> asked, files, nvml, cuda;
};

Counts counts_of(const Question& question) {
  const gpu::Facts& facts = question.facts;
  Counts counts;
  counts.asked = question.expect.gpus;
  counts.nvml = facts.probes.nvml.count;
  const auto limited = facts.place.variables.find("CUDA_VISIBLE_DEVICES");
  const bool mig = std::ranges::any_of(facts.probes.nvml.gpus, [](const gpu::NvmlGpu& gpu) {
    return number(gpu, gpu::value::kMigMode) == 1;
  });
  if (limited == facts.place.variables.end() && !mig) {
    counts.cuda = facts.probes.cuda.count;
  }
  int files = 0;
  bool any = false;
  for (const gpu::DeviceNode& node : facts.driver.nodes) {
    const bool of_gpu = node.path.starts_with("/dev/nvidia") && node.path.size() > 11 &&
                        std::isdigit(static_cast<unsigned char>(node.path[11])) != 0;
    any = any || of_gpu;
    files += of_gpu && node.exists && node.open_error.value_or(0) == 0 ? 1 : 0;
  }
  counts.files = any ? std::optional(files) : std::nullopt;
  return counts;
}

std::string words(std::optional<int> count) { return count ? std::to_string(*count) : "-"; }

std::vector<Finding> judge_count(const Question& question) {
  if (!nvml_matters(question)) {
    return {};
  }
  const Counts counts = counts_of(question);
  std::vector<int> seen;
  for (const auto& count : {counts.asked, counts.files, counts.nvml, counts.cuda}) {
    if (count) {
      seen.push_back(*count);
    }
  }
  std::vector<std::string> evidence{fmt::format("asked for {}, device files {}, NVML {}, CUDA {}",
                                                words(counts.asked), words(counts.files),
                                                words(counts.nvml), words(counts.cuda))};
  if (seen.empty() || (seen.size() == 1 && !counts.asked)) {
    return {unknown("there are no two counts of GPUs to compare", evidence)};
  }
  const auto [least, most] = std::ranges::minmax(seen);
  if (least == most && seen.size() > 1) {
    return {pass(fmt::format("{} GPUs, however they are counted", most), evidence)};
  }
  const int here = counts.nvml.value_or(counts.cuda.value_or(counts.files.value_or(0)));
  if (counts.asked && here < *counts.asked) {
    return {
        as("too_few",
           fail(Owner::runtime, fmt::format("{} GPUs are here, {} are wanted", here, *counts.asked),
                "ask the runtime for all of them (`--gpus`, `resources.limits`), or look on the "
                "node which GPU is missing",
                evidence))};
  }
  if (counts.asked && here > *counts.asked) {
    return {
        as("too_many",
           warn(Owner::user, fmt::format("{} GPUs are here, {} are wanted", here, *counts.asked),
                "start as many processes as there are GPUs, or ask for fewer", evidence))};
  }
  return {as("differ",
             fail(Owner::node, "the driver's files, NVML and CUDA do not count the same GPUs",
                  "on the node, read `dmesg` for the GPU that some of them miss; recreate the "
                  "container",
                  evidence))};
}

constexpr std::array<std::string_view, 5> kNeeds{"env.visible", "nvml.init", "nvml.handles",
                                                 "dev.nodes", "cuda.init"};

}  // namespace

std::span<const Rule> count_rules() {
  static constexpr std::array<Rule, 1> kRules{{
      {"env.count", "Are there as many GPUs as asked for?",
       "--expect, the device files that open, NVML's count and CUDA's. CUDA's is left out where "
       "CUDA_VISIBLE_DEVICES limits it or MIG is on.",
       "nvml.h: nvmlDeviceGetCount_v2; cuda.h: cuDeviceGetCount", kNeeds, judge_count},
  }};
  return kRules;
}

}  // namespace toolkit::diagnosis
