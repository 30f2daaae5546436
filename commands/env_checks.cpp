#include "env_checks.hpp"

#include "env_places.hpp"

#include <toolkit/advice/rules.hpp>
#include <toolkit/base/secret.hpp>
#include <toolkit/base/start_up.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/net/endpoint.hpp>
#include <toolkit/net/resolver.hpp>
#include <toolkit/probe/port_holder.hpp>

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <thread>

namespace toolkit::commands {
namespace {

using advice::Status;
using cluster::Field;

// A period of the CPU controller is 100 ms unless somebody has chosen another.
constexpr Milliseconds kPeriod{100};
constexpr Milliseconds kLookupLimit{6'000};

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

// "192.0.2.1" of "192.0.2.1:0" and of "[2001:db8::1]:0".
std::string without_port(std::string text) {
  text.resize(text.rfind(':'));
  return text.starts_with('[') ? text.substr(1, text.size() - 2) : text;
}

// Nothing when no name server has answered; empty when they know no such name.
std::optional<std::vector<std::string>> resolve(const std::string& host) {
  pin_name_lookup();
  const auto lookup = net::Lookup::of({.host = host, .port = 1}, net::Record::all);
  const SteadyTime end = std::chrono::steady_clock::now() + kLookupLimit;
  std::vector<pollfd> entries;
  while (!lookup->result()) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now >= end) {
      return std::nullopt;
    }
    entries.clear();
    lookup->collect(entries);
    const auto left =
        std::chrono::ceil<Milliseconds>(std::min(end, lookup->next_deadline()) - now).count();
    ::poll(entries.data(), entries.size(),
           static_cast<int>(std::clamp<Milliseconds::rep>(left, 0, kLookupLimit.count())));
    lookup->advance(entries, std::chrono::steady_clock::now());
  }
  const net::Lookup::Answer& answer = *lookup->result();
  if (!answer && answer.error().cause == net::Cause::timed_out) {
    return std::nullopt;
  }
  std::vector<std::string> addresses;
  for (const net::Address& address : answer.value_or(std::vector<net::Address>())) {
    addresses.push_back(without_port(address.text()));
  }
  return addresses;
}

}  // namespace

std::vector<advice::Finding> check_here(const Situation& situation, bool probe) {
  advice::Scene scene{
      situation.limits, situation.facts, situation.identity, variable, {}, {}, {}, {}, {}};
  scene.port_listeners = listeners(situation.identity);
  scene.throttled_share = throttled_now(situation.limits);
  const auto& master = at(situation.identity.values, Field::master_addr);
  if (probe && master) {
    scene.probed_master = resolve(master->text);
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
