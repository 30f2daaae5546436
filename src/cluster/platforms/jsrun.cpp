#include "../platform.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::cluster {
namespace {

// pytorch_lightning/plugins/environments/lsf_environment.py.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"JSM_NAMESPACE_RANK", "JSM_NAMESPACE_SIZE"});
}

void read(Account& account) {
  account.say({{Field::rank, "JSM_NAMESPACE_RANK"},
               {Field::world_size, "JSM_NAMESPACE_SIZE"},
               {Field::local_rank, "JSM_NAMESPACE_LOCAL_RANK"},
               {Field::local_world_size, "JSM_NAMESPACE_LOCAL_SIZE"},
               {Field::job_id, "LSB_JOBID"},
               {Field::job_name, "LSB_JOBNAME"}});
  const auto path = account.text("LSB_DJOB_RANKFILE");
  const auto list = path ? account.surroundings().file(std::string(*path)) : std::nullopt;
  if (!list) {
    return;
  }
  // A host a line and task. The first is where the job's script runs, not a task.
  std::vector<std::string> hosts;
  const auto lines = split(*list, '\n');
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto host = trim(lines[i]);
    if (!host.empty() && std::ranges::find(hosts, host) == hosts.end()) {
      hosts.emplace_back(host);
    }
  }
  account.say_nodes(hosts, account.source("LSB_DJOB_RANKFILE"));
  if (!hosts.empty()) {
    account.compose(Field::node_count, fmt::format("{}", hosts.size()),
                    {account.source("LSB_DJOB_RANKFILE")}, "the number of its hosts");
  }
}

}  // namespace

extern const Platform kJsrun;
const Platform kJsrun{"jsrun", "LSF jsrun task", Scope::process, detect, read};

}  // namespace toolkit::cluster
