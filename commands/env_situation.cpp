#include "env_situation.hpp"

#include <toolkit/base/secret.hpp>

#include <fmt/format.h>

#include <cstdlib>

namespace toolkit::commands {
namespace {

cluster::ExportInputs inputs_of(const Situation& situation) {
  const machine::Facts& facts = situation.facts;
  cluster::ExportInputs inputs;
  if (situation.cpus) {
    inputs.cpus = situation.cpus->cpus.value();
  }
  inputs.ephemeral = facts.ports.ephemeral;
  inputs.reserved = facts.ports.reserved;
  inputs.default_interface = facts.network.default_interface;
  for (const machine::Interface& interface : facts.network.interfaces) {
    if (interface.up && !interface.loopback) {
      inputs.interfaces.push_back(interface.name);
    }
  }
  return inputs;
}

}  // namespace

std::optional<std::string_view> variable(std::string_view name) {
  const char* const value = ::getenv(std::string(name).c_str());
  return value != nullptr ? std::optional<std::string_view>(value) : std::nullopt;
}

Situation look_around(const cluster::Wishes& wishes, const std::string& root) {
  Situation situation;
  machine::Facts& facts = situation.facts;
  facts = machine::read_facts(root, variable);
  situation.limits = cgroup::read_limits(root, {facts.self_cgroup, facts.self_mountinfo});
  situation.cpus = cgroup::effective_cpus(situation.limits.cpu, situation.limits.cpuset,
                                          facts.cpus.allowed, facts.cpus.online);
  situation.gpus =
      gpu::count_gpus(root, variable, facts.runtime.name != "none" || facts.runtime.kubernetes);
  const cluster::Surroundings surroundings(variable, root, facts.network.hostname);
  situation.identity = cluster::identify(surroundings, wishes);
  situation.exports = cluster::make_exports(situation.identity, surroundings, inputs_of(situation));
  return situation;
}

std::vector<std::string> troubles_of(const Situation& situation) {
  std::vector<std::string> troubles = situation.identity.troubles;
  for (const auto* part : {&situation.limits.troubles, &situation.facts.troubles}) {
    troubles.insert(troubles.end(), part->begin(), part->end());
  }
  return troubles;
}

std::string describe(const cluster::Conflict& conflict) {
  return mask_secrets(fmt::format(
      "{} is {} by {}, but {} by {}", cluster::field_name(conflict.field), conflict.believed.text,
      conflict.believed.provider, conflict.other.text, conflict.other.provider));
}

void apply(const cluster::Exports& exports, environment::Snapshot& environment) {
  for (const cluster::Export& made : exports.all) {
    if (!made.kept) {
      environment.set(made.name, made.value);
    }
  }
}

}  // namespace toolkit::commands
