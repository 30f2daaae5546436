// MASTER_PORT on the node of rank 0, and the way to it.
#include "rules.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::advice {
namespace {

using cluster::Field;
using Range = std::pair<std::uint16_t, std::uint16_t>;

constexpr int kNetBindService = 10;  // CAP_NET_BIND_SERVICE

bool is_in(const Range& range, std::uint64_t port) {
  return port >= range.first && port <= range.second;
}

std::optional<Finding> not_ours(const Scene& scene) {
  if (!number_of(scene, Field::master_port)) {
    return skip("MASTER_PORT is not known");
  }
  return is_on_first_node(scene) == false ? std::optional(skip("rank 0 is elsewhere"))
                                          : std::nullopt;
}

}  // namespace

Finding port_busy(const Scene& scene) {
  if (auto skipped = not_ours(scene)) {
    return *skipped;
  }
  const auto port = *number_of(scene, Field::master_port);
  if (!scene.port_listeners) {
    return unknown(fmt::format("whether port {} is free cannot be told", port),
                   "/proc/net/tcp cannot be read");
  }
  if (scene.port_listeners->empty()) {
    return pass(fmt::format("port {} is free", port), "/proc/net/tcp, tcp6");
  }
  // A store listens on every address, so any listener is in its way.
  std::string evidence;
  for (const std::string& address : *scene.port_listeners) {
    const bool six = address.find(':') != std::string::npos;
    evidence += fmt::format("{}{}{}{}:{}", evidence.empty() ? "" : ", ", six ? "[" : "", address,
                            six ? "]" : "", port);
  }
  return failed(
      fmt::format("port {} is busy on the node of rank 0", port), "listening: " + evidence,
      fmt::format("wait for it: toolkit wait port-free:{}, or choose another MASTER_PORT", port));
}

Finding port_ephemeral(const Scene& scene) {
  if (auto skipped = not_ours(scene)) {
    return *skipped;
  }
  const auto port = *number_of(scene, Field::master_port);
  const auto& ports = scene.facts.ports;
  if (!ports.ephemeral) {
    return unknown("the range of ephemeral ports cannot be read", "net.ipv4.ip_local_port_range");
  }
  const std::string evidence = fmt::format("net.ipv4.ip_local_port_range: {}-{}",
                                           ports.ephemeral->first, ports.ephemeral->second);
  if (!is_in(*ports.ephemeral, port)) {
    return pass(fmt::format("port {} is not given to outgoing connections", port), evidence);
  }
  if (std::ranges::any_of(ports.reserved, [&](const Range& range) { return is_in(range, port); })) {
    return pass(fmt::format("port {} is kept from outgoing connections", port),
                "net.ipv4.ip_local_reserved_ports");
  }
  return warn(fmt::format("an outgoing connection may take port {} first", port), evidence,
              fmt::format("choose a MASTER_PORT below {}, or add it to "
                          "net.ipv4.ip_local_reserved_ports",
                          ports.ephemeral->first));
}

Finding port_privileged(const Scene& scene) {
  if (auto skipped = not_ours(scene)) {
    return *skipped;
  }
  const auto port = *number_of(scene, Field::master_port);
  const auto start = scene.facts.ports.unprivileged_start;
  if (!start) {
    return unknown("the first unprivileged port cannot be read",
                   "net.ipv4.ip_unprivileged_port_start");
  }
  const std::string evidence = fmt::format("net.ipv4.ip_unprivileged_port_start: {}", *start);
  return port >= *start || has_capability(scene, kNetBindService)
             ? pass(fmt::format("we may listen on port {}", port), evidence)
             : failed(fmt::format("port {} needs CAP_NET_BIND_SERVICE", port), evidence,
                      fmt::format("choose a MASTER_PORT of {} or more", *start));
}

Finding master_answers(const Scene& scene) {
  const auto master = text_of(scene, Field::master_addr);
  const auto port = number_of(scene, Field::master_port);
  if (!master || !port || !scene.probed || is_on_first_node(scene) != false) {
    return skip(!master || !port ? "MASTER_ADDR or MASTER_PORT is not known"
                : !scene.probed  ? "nobody is asked without --probe"
                                 : "rank 0 is here, or where it is is not known");
  }
  const std::string place = fmt::format("{}:{}", *master, *port);
  if (!scene.master_reached) {
    return unknown("whether " + place + " can be reached cannot be told", "it is not resolved");
  }
  switch (*scene.master_reached) {
    case Reached::open:
      return pass("somebody listens at " + place, "connect(2)");
    case Reached::refused:
      return pass("rank 0's node answers; nobody listens at " + place + " yet", "connect(2)");
    case Reached::silent:
      break;
  }
  return warn("no answer from " + place, "connect(2): no route, or no answer in 2 s",
              "toolkit wait tcp:" + place +
                  " tells when it answers; else look at firewalls, NetworkPolicy and routes");
}

}  // namespace toolkit::advice
