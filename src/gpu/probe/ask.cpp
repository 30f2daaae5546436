#include "ask.hpp"

#include "../host/amd_files.hpp"
#include "carried.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/gpu/probe_values.hpp>

#include <unistd.h>

#include <algorithm>

namespace toolkit::gpu {
namespace {

// With a look into the image and at the counters again, 10 s in all.
constexpr std::chrono::seconds kBurnTime{7};
constexpr std::chrono::milliseconds kCounterTime{1500};

// "open(/dev/nvidia3)": the paths behind that one.
std::vector<std::string> other_nodes(const ProbePlan& plan, const std::string& phase) {
  const auto it = std::ranges::find_if(
      plan.arguments, [&](const std::string& path) { return phase == "open(" + path + ")"; });
  std::vector<std::string> rest{"nodes"};
  rest.insert(rest.end(), it == plan.arguments.end() ? it : it + 1, plan.arguments.end());
  return rest.size() > 1 ? rest : std::vector<std::string>();
}

// "nvmlDeviceGetName(GPU 3)": from the fourth on.
std::vector<std::string> other_gpus(const ProbePlan&, const std::string& phase) {
  const std::size_t at = phase.rfind("(GPU ");
  if (at == std::string::npos || !phase.ends_with(')')) {
    return {};
  }
  const auto index = parse_whole(std::string_view(phase).substr(at + 5, phase.size() - at - 6));
  return index ? std::vector<std::string>{"nvml", std::to_string(*index + 1)}
               : std::vector<std::string>();
}

ProbePlan nvml_plan() { return {"nvml", {"nvml"}, other_gpus}; }

char** environment_of(const CollectOptions& options) {
  return options.environment != nullptr ? options.environment : environ;
}

}  // namespace

Probes::Probes(const CollectOptions& options, Watch::Clock::time_point deadline, Facts& facts)
    : options_(options),
      facts_(facts),
      launcher_(carried_probe(), environment_of(options), options.variables),
      watch_(options, launcher_, deadline, facts) {}

void Probes::ask_driver() {
  if (!options_.root.empty()) {
    facts_.probes.outcomes.push_back(
        {"nvml", "not started", "", "the libraries below --root are not ours to run", 0});
    return;
  }
  ProbePlan nodes{"nodes", {"nodes"}, other_nodes};
  for (const DeviceNode& node : facts_.driver.nodes) {
    if (node.exists) {
      nodes.arguments.push_back(node.path);
    }
  }
  if (nodes.arguments.size() > 1) {
    watch_.start(std::move(nodes));
  }
  watch_.start(nvml_plan());
  watch_.start({"cuda", {"cuda"}});
}

void Probes::ask_adapters() {
  if (options_.root.empty() && !facts_.rdma.adapters.empty()) {
    watch_.start({"verbs", {"verbs"}});
  }
}

void Probes::ask_amd() {
  if (options_.root.empty() && !facts_.amd.gpus.empty()) {
    std::vector<std::string> words = files_that_ask_the_gpu(facts_.amd);
    words.insert(words.begin(), "files");
    watch_.start({"amd", std::move(words)});
  }
}

ProbeFacts ask_nvml(const CollectOptions& options) {
  Facts facts;
  Launcher launcher(carried_probe(), environment_of(options), options.variables);
  Watch watch(options, launcher, Watch::Clock::now() + options.timeout, facts);
  watch.start(nvml_plan());
  watch.until_the_end();
  return std::move(facts.probes);
}

// All GPUs at once, each in its own process. The compiler of PTX keeps nothing on the disk.
void burn(const CollectOptions& options, Facts& facts) {
  if (!options.root.empty() || facts.probes.cuda.init_error != 0) {
    return;
  }
  std::vector<char*> variables;
  std::string no_cache = "CUDA_CACHE_DISABLE=1";
  for (char** variable = environment_of(options); *variable != nullptr; ++variable) {
    variables.push_back(*variable);
  }
  variables.push_back(no_cache.data());
  variables.push_back(nullptr);
  Launcher launcher(carried_probe(), variables.data(), options.variables);
  Watch watch(options, launcher, Watch::Clock::now() + kBurnTime, facts);
  for (int i = 0; i < facts.probes.cuda.count.value_or(0) && i < 64; ++i) {
    watch.start({"gpu " + std::to_string(i), {"burn", std::to_string(i)}});
  }
  watch.until_the_end();
}

// What NVML counts, once more after the work: "pcie.replays.after".
void read_counters_again(const CollectOptions& options, ProbeFacts& probes) {
  if (!probes.deep.ran) {
    return;
  }
  CollectOptions shortly = options;
  shortly.timeout = std::min(options.timeout, kCounterTime);
  const ProbeFacts after = ask_nvml(shortly);
  for (NvmlGpu& gpu : probes.nvml.gpus) {
    const auto again = std::ranges::find(after.nvml.gpus, gpu.address, &NvmlGpu::address);
    for (const char* const key : value::kCountedAtWork) {
      if (again != after.nvml.gpus.end() && again->values.contains(key)) {
        gpu.values[std::string(key) + value::kAfter] = again->values.at(key);
      }
    }
  }
}

}  // namespace toolkit::gpu
