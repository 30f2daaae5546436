#include "compose.hpp"
#include "platform.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace toolkit::cluster {
namespace {

struct Told {
  const Platform* platform;
  std::string_view key;
  Account account;
};

bool speaks_of_rank(const Told& told) {
  const auto& rank = at(told.account.values, Field::rank);
  return rank && rank->sources.front().starts_with("RANK=");
}

/// All that are there. The same RANK is not heard twice: several platforms are known by what they
/// set beside it.
std::vector<Told> ask_all(const Surroundings& surroundings, const Wishes& wishes) {
  std::vector<Told> all;
  for (const auto* platform : platforms()) {
    const auto key = platform->detect(surroundings);
    if (key.empty()) {
      continue;
    }
    Told told{platform, key, Account(surroundings, wishes, platform->name, platform->scope)};
    platform->read(told.account);
    const bool again = platform->name != wishes.provider && speaks_of_rank(told) &&
                       std::ranges::any_of(all, speaks_of_rank);
    if (!again) {
      all.push_back(std::move(told));
    }
  }
  return all;
}

Told* first_of(std::vector<Told>& all, Scope scope, const std::string& provider) {
  const auto found = std::ranges::find_if(all, [&](const Told& told) {
    return told.platform->scope == scope && (provider.empty() || told.platform->name == provider);
  });
  return found == all.end() ? nullptr : &*found;
}

// What belongs together comes from one platform.
constexpr std::initializer_list<Field> kGroups[] = {
    {Field::node_rank, Field::node_count, Field::nodes},
    {Field::master_addr, Field::master_port},
    {Field::job_id, Field::job_name, Field::restart_count}};

/// A launcher that says nothing of nodes leaves them to who has started the nodes, group by group,
/// where that fits: a job of 2 processes is not on 3 nodes.
void take_groups(Values& values, const Account& node) {
  const auto processes = number_of(values, Field::world_size);
  const auto nodes = number_of(node.values, Field::node_count);
  if (!processes || (nodes && *nodes > *processes)) {
    return;
  }
  for (const auto& group : kGroups) {
    const bool said =
        std::ranges::any_of(group, [&](Field field) { return at(values, field).has_value(); });
    for (const auto field : group) {
      if (!said) {
        values[static_cast<std::size_t>(field)] = at(node.values, field);
      }
    }
  }
}

/// A step with one task on each node, as many as the launcher has nodes or says nothing of.
bool holds_daemons_of(const Values& step, const Account& told) {
  const Values& launcher = told.values;
  const auto nodes = number_of(step, Field::node_count);
  const auto own = number_of(launcher, Field::node_count);
  const bool broken = !own && !told.missing[static_cast<std::size_t>(Field::node_count)].empty();
  return nodes && nodes == number_of(step, Field::world_size) && (!own || own == nodes) &&
         !broken && number_of(launcher, Field::world_size).value_or(0) >= *nodes &&
         !at(launcher, Field::node_rank);
}

/// A step that holds the daemons of mpirun knows the nodes, and mpirun the processes. Which node
/// rank 0 is on mpirun may have been told otherwise. What made us believe it is cited too.
void take_step_of_daemons(Values& values, const Values& step) {
  std::vector<std::string> evidence;
  for (const auto* from : {&std::as_const(values), &step}) {
    for (const auto field : {Field::node_count, Field::world_size}) {
      if (const auto& value = at(*from, field)) {
        evidence.insert(evidence.end(), value->sources.begin(), value->sources.end());
      }
    }
  }
  for (const auto& group : kGroups) {
    const bool said =
        *group.begin() != Field::node_rank &&
        std::ranges::any_of(group, [&](Field field) { return at(values, field).has_value(); });
    for (const auto field : group) {
      auto& value = values[static_cast<std::size_t>(field)];
      if (!said && at(step, field)) {
        value = at(step, field);
        value->sources.insert(value->sources.end(), evidence.begin(), evidence.end());
        value->confidence = field == Field::master_addr ? Confidence::guessed : value->confidence;
      }
    }
  }
}

/// One task of `outer` has started one agent of `inner` on each node: torchrun under srun.
bool nested(const Values& outer, const Values& inner) {
  const auto nodes = number_of(inner, Field::node_count);
  return nodes && nodes == number_of(outer, Field::world_size) &&
         number_of(inner, Field::node_rank) == number_of(outer, Field::rank);
}

bool of_processes(Field field) {
  return field == Field::rank || field == Field::world_size || field == Field::local_rank ||
         field == Field::local_world_size;
}

/// A name within a domain and its beginning mean one node: "set-0.set" and "set-0.set.namespace".
bool same(Field field, std::string_view one, std::string_view other) {
  const auto extends = [](std::string_view whole, std::string_view name) {
    return whole.starts_with(name) && whole.substr(name.size()).starts_with('.') &&
           name.find_first_not_of("0123456789.") != name.npos;
  };
  return one == other ||
         (field == Field::master_addr && (extends(one, other) || extends(other, one)));
}

void list_conflicts(Identity& identity, const Told& told) {
  const bool inside = nested(told.account.values, identity.values);
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    const auto field = static_cast<Field>(i);
    const auto& believed = identity.values[i];
    const auto& other = told.account.values[i];
    // Each launcher names its job as it likes, and nodes may be written in several ways.
    const bool comparable = field != Field::job_id && field != Field::job_name &&
                            field != Field::role && field != Field::restart_count &&
                            field != Field::nodes;
    if (comparable && believed && other && believed->provider != other->provider &&
        !same(field, believed->text, other->text) && !(inside && of_processes(field))) {
      identity.conflicts.push_back({field, *believed, *other});
    }
  }
}

void tell_missing(Identity& identity, const std::vector<Told>& all) {
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    auto& why = identity.missing[i];
    if (identity.values[i]) {
      why.clear();
    } else if (why.empty() && all.empty()) {
      why = "no launcher and no platform was recognised";
    } else if (why.empty()) {
      why = "nobody says it";
    }
  }
}

}  // namespace

Identity identify(const Surroundings& surroundings, const Wishes& wishes) {
  auto all = ask_all(surroundings, wishes);
  auto* process = first_of(all, Scope::process, wishes.provider);
  auto* node = first_of(all, Scope::node, wishes.provider);
  Identity identity;
  if (process != nullptr) {
    compose_single_node(process->account);
    check_sizes(process->account);
    identity.values = process->account.values;
    identity.missing = process->account.missing;
    const auto step =
        std::ranges::find(all, "slurm-step", [](const Told& told) { return told.platform->name; });
    if (wishes.provider.empty() && step != all.end() && &*step != process &&
        holds_daemons_of(step->account.values, process->account)) {
      take_step_of_daemons(identity.values, step->account.values);
    }
    if (node != nullptr) {
      take_groups(identity.values, node->account);
    }
  } else if (node != nullptr) {
    compose_ranks(node->account);
    check_sizes(node->account);
    identity.values = node->account.values;
    identity.missing = node->account.missing;
  }
  if (!wishes.provider.empty() && process == nullptr && node == nullptr) {
    identity.troubles.push_back(
        fmt::format("provider {}: nothing of it is here", printable(wishes.provider)));
  }
  for (auto& told : all) {
    const bool believed = &told == process || &told == node;
    identity.seen.push_back({std::string(told.platform->name), std::string(told.platform->title),
                             told.platform->scope, std::string(told.key), believed});
    for (auto& trouble : told.account.troubles) {
      if (std::ranges::find(identity.troubles, trouble) == identity.troubles.end()) {
        identity.troubles.push_back(std::move(trouble));
      }
    }
    list_conflicts(identity, told);
  }
  tell_missing(identity, all);
  return identity;
}

}  // namespace toolkit::cluster
