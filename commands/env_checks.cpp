#include "env_checks.hpp"

#include "env_places.hpp"
#include "env_probe.hpp"

#include <toolkit/advice/rules.hpp>
#include <toolkit/base/duration.hpp>
#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/probe/port_holder.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

namespace toolkit::commands {
namespace {

using advice::Status;
using cluster::Field;

// A period of the CPU controller is 100 ms unless somebody has chosen another.
constexpr Milliseconds kPeriod{100};

std::optional<std::vector<std::string>> listeners(const cluster::Identity& identity) {
  const auto& port = at(identity.values, Field::master_port);
  const auto number = port ? parse_whole(port->text) : std::nullopt;
  if (!number || *number < 1 || *number > 65'535) {
    return std::nullopt;
  }
  const auto sockets = probe::sockets_on(static_cast<std::uint16_t>(*number));
  if (!sockets) {
    return std::nullopt;
  }
  std::vector<std::string> addresses;
  for (const probe::LocalSocket& socket : *sockets) {
    if (socket.state == probe::kListening) {
      addresses.push_back(socket.address);
    }
  }
  return addresses;
}

std::optional<double> throttled_now(const cgroup::Limits& limits) {
  if (limits.cpu.quota.state != cgroup::Limit<cgroup::CpuTime>::State::set) {
    return std::nullopt;
  }
  std::this_thread::sleep_for(kPeriod);
  return cgroup::throttled_share(limits.cpu, cgroup::look_again(limits.cpu));
}

// Rank 0 needs no way to itself, and finds its port busy by its own tables.
void ask_network(const cluster::Identity& identity, advice::Scene& scene) {
  const auto& master = at(identity.values, Field::master_addr);
  if (!master) {
    return;
  }
  scene.probed_master = resolve(master->text);
  const auto& port = at(identity.values, Field::master_port);
  const auto number = port ? parse_whole(port->text) : std::nullopt;
  if (number && advice::is_on_first_node(scene) == false) {
    scene.master_reached = reach({master->text, static_cast<std::uint16_t>(*number)});
  }
}

}  // namespace

std::vector<advice::Finding> check_here(const Situation& situation, bool probe) {
  advice::Scene scene{
      situation.limits, situation.facts, situation.identity, variable, {}, {}, {}, {}, {}, {}, {}};
  scene.port_listeners = listeners(situation.identity);
  scene.throttled_share = throttled_now(situation.limits);
  scene.probed = probe;
  if (probe) {
    ask_network(situation.identity, scene);
  }
  const std::string shared(variable("TOOLKIT_STATE_DIR").value_or(""));
  scene.volumes = shared_volumes(shared);
  scene.clocks = record_clocks(shared);
  return advice::check(scene);
}

std::string to_text(const std::vector<advice::Finding>& findings) {
  std::string text;
  std::array<int, 5> counts{};
  for (const advice::Finding& finding : findings) {
    ++counts[static_cast<std::size_t>(finding.status)];
    if (finding.status == Status::pass || finding.status == Status::skip) {
      continue;
    }
    text += fmt::format("{:<7}  {}: {}", advice::status_name(finding.status), finding.id,
                        mask_secrets(finding.title));
    text +=
        finding.evidence.empty() ? "\n" : fmt::format(" ({})\n", mask_secrets(finding.evidence));
    text += finding.remedy.empty() ? "" : fmt::format("         try: {}\n", finding.remedy);
  }
  return text + fmt::format("{} passed, {} failed, {} warnings, {} unknown, {} do not apply\n",
                            counts[0], counts[2], counts[1], counts[3], counts[4]);
}

int exit_code_of(const std::vector<advice::Finding>& findings, bool strict) {
  if (std::ranges::count(findings, Status::fail, &advice::Finding::status) > 0) {
    return 1;
  }
  return strict && std::ranges::count(findings, Status::unknown, &advice::Finding::status) > 0 ? 3
                                                                                               : 0;
}

}  // namespace toolkit::commands
