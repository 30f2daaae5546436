#include "../platform.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace toolkit::cluster {
namespace {

// Volcano's plugins env and svc: the index is the one within a task, the hosts of each task are in
// VC_<TASK>_HOSTS, or in /etc/volcano/<task>.host where the variables would be too long.
std::string_view detect(const Surroundings& surroundings) {
  const auto key = all_set(surroundings, {"VC_TASK_INDEX"});
  return key.empty() ? all_set(surroundings, {"VK_TASK_INDEX"}) : key;
}

struct Hosts {
  std::vector<std::string> names;
  std::vector<std::string> sources;
};

void add_hosts(Account& account, std::string_view task, Hosts& hosts) {
  // pkg/controllers/job/plugins/svc/svc.go: a dash of the task's name is _ in both.
  std::string key(task);
  std::ranges::replace(key, '-', '_');
  const auto variable = fmt::format("VC_{}_HOSTS", to_upper(key));
  const auto path = fmt::format("/etc/volcano/{}.host", key);
  const auto said = account.text(variable);
  const auto file = said ? std::nullopt : account.surroundings().file(path);
  if (!said && !file) {
    return;
  }
  for (const auto line : split(said ? *said : std::string_view(*file), said ? ',' : '\n')) {
    if (!trim(line).empty()) {
      hosts.names.emplace_back(trim(line));
    }
  }
  hosts.sources.push_back(said ? account.source(variable) : path);
}

/// A pod is called <job>-<task>-<index>, and both names may have dashes: the shortest task that has
/// hosts is ours.
void add_own_task(Account& account, Hosts& hosts) {
  const std::string_view own = account.surroundings().hostname();
  const auto stem = own.substr(0, own.rfind('-'));
  for (auto dash = stem.rfind('-'); dash != stem.npos && hosts.names.empty();
       dash = dash == 0 ? stem.npos : stem.rfind('-', dash - 1)) {
    add_hosts(account, stem.substr(dash + 1), hosts);
  }
}

void read(Account& account) {
  // The plugin pytorch counts the pods; a LOCAL_RANK beside it would be somebody else's.
  if (account.text("RANK") && !account.text("LOCAL_RANK")) {
    account.say({{Field::node_rank, "RANK"},
                 {Field::node_count, "WORLD_SIZE"},
                 {Field::master_addr, "MASTER_ADDR"},
                 {Field::master_port, "MASTER_PORT"}});
    return;
  }
  Hosts hosts;
  for (const auto* task : {"master", "worker"}) {
    add_hosts(account, task, hosts);
  }
  if (hosts.names.empty()) {
    add_own_task(account, hosts);
  }
  if (hosts.names.empty()) {
    account.lacks(Field::node_rank,
                  "an index within a task is no rank, and neither VC_MASTER_HOSTS nor "
                  "VC_WORKER_HOSTS nor the hosts of the task in our host name are here");
    return;
  }
  account.set(Field::nodes, fmt::format("{}", fmt::join(hosts.names, ",")), hosts.sources);
  account.compose(Field::master_addr, hosts.names.front(), hosts.sources, "the first of the hosts");
  account.compose(Field::node_count, fmt::format("{}", hosts.names.size()), hosts.sources,
                  "the hosts of the tasks");
  const auto& own = account.surroundings().hostname();
  const auto at = std::ranges::find_if(hosts.names, [&](const std::string& name) {
    return name == own || name.starts_with(own + ".");
  });
  if (at == hosts.names.end()) {
    account.lacks(Field::node_rank, "our host name is not among the hosts of the tasks");
    return;
  }
  auto sources = hosts.sources;
  sources.emplace_back("hostname");
  account.compose(Field::node_rank, fmt::format("{}", at - hosts.names.begin()), std::move(sources),
                  "the place of our host name among the hosts of the tasks");
}

}  // namespace

extern const Platform kVolcano;
const Platform kVolcano{"volcano", "Volcano pod", Scope::node, detect, read};

}  // namespace toolkit::cluster
