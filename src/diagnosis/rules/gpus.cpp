#include "gpus.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::diagnosis {

bool nvml_matters(const Question& question) {
  const gpu::Facts& facts = question.facts;
  const auto there = [](const gpu::DeviceNode& node) {
    return node.exists && node.path.starts_with("/dev/nvidia");
  };
  return question.expect.gpus.value_or(0) > 0 || !facts.probes.nvml.library.empty() ||
         !facts.probes.cuda.library.empty() || facts.driver.module_loaded.value_or(false) ||
         std::ranges::any_of(facts.driver.nodes, there);
}

std::optional<std::int64_t> number(const gpu::NvmlGpu& gpu, const char* key) {
  const auto it = gpu.values.find(key);
  return it == gpu.values.end() ? std::nullopt : parse_whole(it->second);
}

std::string shown(const gpu::NvmlGpu& gpu, const char* key) {
  const auto it = gpu.values.find(key);
  return fmt::format("{} {}", key, it == gpu.values.end() ? "not seen" : it->second);
}

Finding not_there(const gpu::NvmlGpu& gpu, const char* key) {
  const auto it = gpu.absent.find(key);
  const std::string reason = it == gpu.absent.end() ? "not answered" : it->second;
  if (reason == "nvml 3" || reason.starts_with("no symbol")) {
    return skip(fmt::format("this GPU or its driver does not tell ({})", reason), {key});
  }
  return unknown(reason == "nvml 4" ? "NVML tells this to root only"
                                    : fmt::format("NVML did not tell ({})", reason),
                 {key});
}

std::string scope_of(const gpu::NvmlGpu& gpu) {
  return !gpu.address.empty() ? gpu.address : fmt::format("GPU {}", gpu.index.value_or(-1));
}

std::vector<Finding> each_gpu(const Question& question, Finding (*judge)(const gpu::NvmlGpu& gpu)) {
  const gpu::NvmlFacts& nvml = question.facts.probes.nvml;
  if (!nvml_matters(question)) {
    return {};
  }
  if (nvml.init_error != 0) {
    return {unknown("NVML did not start")};
  }
  std::vector<Finding> findings;
  for (const gpu::NvmlGpu& gpu : nvml.gpus) {
    if (gpu.handle_error == 0) {
      findings.push_back(judge(gpu));
      findings.back().scope = scope_of(gpu);
    }
  }
  return findings;
}

Finding as(const char* variant, Finding finding) {
  finding.variant = variant;
  return finding;
}

}  // namespace toolkit::diagnosis
