#include "../collectors.hpp"
#include "carried.hpp"
#include "watch.hpp"

#include <toolkit/base/text.hpp>

#include <unistd.h>

#include <algorithm>

namespace toolkit::gpu {
namespace {

constexpr std::chrono::seconds kBurnTime{10};

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

std::vector<ProbePlan> plans_for(const Facts& facts) {
  std::vector<ProbePlan> plans;
  ProbePlan nodes{"nodes", {"nodes"}, other_nodes};
  for (const DeviceNode& node : facts.driver.nodes) {
    if (node.exists) {
      nodes.arguments.push_back(node.path);
    }
  }
  if (nodes.arguments.size() > 1) {
    plans.push_back(std::move(nodes));
  }
  plans.push_back(nvml_plan());
  plans.push_back({"cuda", {"cuda"}});
  if (!facts.rdma.adapters.empty()) {
    plans.push_back({"verbs", {"verbs"}});
  }
  return plans;
}

char** environment_of(const CollectOptions& options) {
  return options.environment != nullptr ? options.environment : environ;
}

// All GPUs at once, each in its own process. The compiler of PTX keeps nothing on the disk.
void burn(const CollectOptions& options, char** environment, Facts& facts) {
  std::vector<char*> variables;
  std::string no_cache = "CUDA_CACHE_DISABLE=1";
  for (char** variable = environment; *variable != nullptr; ++variable) {
    variables.push_back(*variable);
  }
  variables.push_back(no_cache.data());
  variables.push_back(nullptr);
  Launcher launcher(carried_probe(), variables.data(), options.variables);
  std::vector<ProbePlan> plans;
  for (int i = 0; i < facts.probes.cuda.count.value_or(0) && i < 64; ++i) {
    plans.push_back({"gpu " + std::to_string(i), {"burn", std::to_string(i)}});
  }
  watch(launcher, std::move(plans), kBurnTime, facts);
}

}  // namespace

ProbeFacts ask_nvml(const CollectOptions& options) {
  Facts facts;
  Launcher launcher(carried_probe(), environment_of(options), options.variables);
  watch(launcher, {nvml_plan()}, options.timeout, facts);
  return std::move(facts.probes);
}

void ask_probes(const CollectOptions& options, Facts& facts) {
  if (!options.root.empty()) {
    facts.probes.outcomes.push_back(
        {"nvml", "not started", "", "the libraries below --root are not ours to run", 0});
    return;
  }
  char** environment = environment_of(options);
  Launcher launcher(carried_probe(), environment, options.variables);
  watch(launcher, plans_for(facts), options.timeout, facts);
  if (options.deep && facts.probes.cuda.init_error == 0) {
    burn(options, environment, facts);
  }
}

}  // namespace toolkit::gpu
