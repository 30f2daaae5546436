#include "../collectors.hpp"
#include "carried.hpp"
#include "watch.hpp"

#include <toolkit/base/text.hpp>

#include <unistd.h>

#include <algorithm>

namespace toolkit::gpu {
namespace {

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
  plans.push_back({"nvml", {"nvml"}, other_gpus});
  plans.push_back({"cuda", {"cuda"}});
  if (!facts.rdma.adapters.empty()) {
    plans.push_back({"verbs", {"verbs"}});
  }
  return plans;
}

}  // namespace

void ask_probes(const CollectOptions& options, Facts& facts) {
  if (!options.root.empty()) {
    facts.probes.outcomes.push_back(
        {"nvml", "not started", "", "the libraries below --root are not ours to run", 0});
    return;
  }
  Launcher launcher(carried_probe(), options.environment != nullptr ? options.environment : environ,
                    options.variables);
  watch(launcher, plans_for(facts), options.timeout, facts);
}

}  // namespace toolkit::gpu
