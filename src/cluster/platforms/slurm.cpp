// Slurm's two situations: a task of a step, and the script or shell that only may start steps.
// srun(1), sbatch(1), salloc(1), output environment variables; seen with 22.05 and 24.11.
#include "../platform.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/cluster/host_list.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace toolkit::cluster {
namespace {

/// Whichever is set: of the step, or of the job that it is a part of.
struct Words {
  std::string_view nodes, node_count, tasks, tasks_per_node;
};
constexpr Words kOfStep{"SLURM_STEP_NODELIST", "SLURM_STEP_NUM_NODES", "SLURM_STEP_NUM_TASKS",
                        "SLURM_STEP_TASKS_PER_NODE"};
constexpr Words kOfJob{"SLURM_JOB_NODELIST", "SLURM_JOB_NUM_NODES", "SLURM_NTASKS",
                       "SLURM_TASKS_PER_NODE"};

// A heterogeneous job's shell has its nodes by component only: SLURM_JOB_NODELIST_HET_GROUP_0.
// slurm.schedmd.com/heterogeneous_jobs.html; seen with 22.05. Steps have words for the whole.
void read_components(Account& account) {
  constexpr std::uint32_t kMost = 128;  // MAX_HET_JOB_COMPS of Slurm
  const auto count =
      account.text("SLURM_JOB_NODELIST") ? std::nullopt : account.number("SLURM_HET_SIZE");
  std::vector<std::string> names, sources;
  for (std::uint32_t i = 0; count && i < std::min(*count, kMost); ++i) {
    const auto variable = fmt::format("SLURM_JOB_NODELIST_HET_GROUP_{}", i);
    auto hosts = expand_hosts(account.text(variable).value_or(""));
    if (!hosts || hosts->empty()) {
      account.trouble(fmt::format("{}: {}", variable, hosts ? "not set" : hosts.error().message));
      return;
    }
    names.insert(names.end(), hosts->begin(), hosts->end());
    sources.push_back(account.source(variable));
  }
  if (!names.empty()) {
    sources.insert(sources.begin(), account.source("SLURM_HET_SIZE"));
    account.set(Field::nodes, fmt::format("{}", fmt::join(names, ",")), sources);
    account.compose(Field::node_count, fmt::format("{}", names.size()), sources,
                    "the nodes of all components");
    account.compose(Field::master_addr, names.front(), std::move(sources),
                    "the first node of the first component");
  }
}

void read_common(Account& account, const Words& words) {
  account.say({{Field::job_id, "SLURM_JOB_ID"},
               {Field::job_name, "SLURM_JOB_NAME"},
               {Field::restart_count, "SLURM_RESTART_COUNT"},
               {Field::world_size, words.tasks},
               {Field::node_count, words.node_count}});
  if (const auto list = account.text(words.nodes)) {
    auto names = expand_hosts(*list);
    if (names) {
      account.say_nodes(*names, account.source(words.nodes));
    } else {
      account.trouble(fmt::format("{}: {}", words.nodes, names.error().message));
    }
  }
  if (const auto text = account.text(words.tasks_per_node)) {
    auto counts = expand_counts(*text);
    if (counts) {
      account.slots = {std::move(*counts), {account.source(words.tasks_per_node)}};
    } else {
      account.trouble(fmt::format("{}: {}", words.tasks_per_node, counts.error().message));
    }
  }
}

// SLURM_PROCID alone is no sign: the batch script has it too, as 0.
std::string_view detect_step(const Surroundings& surroundings) {
  const auto step = surroundings.variable("SLURM_STEP_ID");
  return step && parse_whole(*step) ? all_set(surroundings, {"SLURM_STEP_ID", "SLURM_PROCID"}) : "";
}

void read_step(Account& account) {
  const auto or_job = [&](std::string_view of_step, std::string_view of_job) {
    return account.text(of_step) ? of_step : of_job;
  };
  read_common(
      account,
      {or_job(kOfStep.nodes, kOfJob.nodes), or_job(kOfStep.node_count, kOfJob.node_count),
       or_job(kOfStep.tasks, kOfJob.tasks), or_job(kOfStep.tasks_per_node, kOfJob.tasks_per_node)});
  account.say({{Field::rank, "SLURM_PROCID"},
               {Field::local_rank, "SLURM_LOCALID"},
               {Field::node_rank, "SLURM_NODEID"}});
  const auto node = account.number("SLURM_NODEID");
  if (node && *node < account.slots.counts.size()) {
    auto sources = account.slots.sources;
    sources.push_back(account.source("SLURM_NODEID"));
    account.compose(Field::local_world_size, fmt::format("{}", account.slots.counts[*node]),
                    std::move(sources), "the tasks of this node in the list of all nodes");
  }
}

std::string_view detect_allocation(const Surroundings& surroundings) {
  return detect_step(surroundings).empty() ? all_set(surroundings, {"SLURM_JOB_ID"}) : "";
}

void read_allocation(Account& account) {
  read_common(account, kOfJob);
  read_components(account);
  account.slots = {};
  constexpr std::string_view kWhy =
      "this is the script or shell of a Slurm job, not one of its tasks; srun starts those";
  for (const auto field :
       {Field::rank, Field::local_rank, Field::local_world_size, Field::node_rank}) {
    account.lacks(field, std::string(kWhy));
  }
}

}  // namespace

extern const Platform kSlurmStep;
const Platform kSlurmStep{"slurm-step", "Slurm job step", Scope::process, detect_step, read_step};
extern const Platform kSlurmAllocation;
const Platform kSlurmAllocation{"slurm-job", "Slurm job, outside of its steps", Scope::node,
                                detect_allocation, read_allocation};

}  // namespace toolkit::cluster
