#include "reach.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::diagnosis {
namespace {

using gpu::RdmaPort;

// "400 Gb/sec (4X NDR)"
std::optional<double> gigabits(std::string_view rate) {
  const auto space = rate.find(' ');
  const auto dot = rate.find('.');
  const auto whole = parse_whole(rate.substr(0, std::min(space, dot)));
  return whole ? std::optional(static_cast<double>(*whole) + (dot < space ? 0.5 : 0.0))
               : std::nullopt;
}

std::vector<std::string> evidence(const PortHere& here) {
  std::vector<std::string> seen{fmt::format("{}/state: {}", here.path, here.port->state)};
  if (!here.port->physical_state.empty()) {
    seen.push_back(fmt::format("{}/phys_state: {}", here.path, here.port->physical_state));
  }
  return seen;
}

Finding down(const PortHere& here, bool matters) {
  const std::string& physical = here.port->physical_state;
  const bool waits = here.port->state.ends_with("INIT") || here.port->state.ends_with("ARMED");
  const std::string spare =
      fmt::format("; if it is not to be used: NCCL_IB_HCA=^{}", here.adapter->name);
  Owner owner = Owner::hardware;
  std::string cause, remedy;
  const char* variant = "down";
  if (waits) {
    owner = Owner::node;
    variant = "no_subnet_manager";
    cause = "the link is there, but no subnet manager has set the port up";
    remedy = "start the subnet manager (opensm, or the switch's own)";
  } else if (physical.ends_with("Disabled")) {
    owner = Owner::node;
    variant = "disabled";
    cause = "the port is switched off";
    remedy = "on the host: `ip link set DEV up`, or `ibportstate` for InfiniBand";
  } else {
    cause = physical.ends_with("Polling") ? "the port finds no partner at the other end"
                                          : "the port is down";
    remedy = "check the cable and the switch's port";
  }
  return marked(matters ? fail(owner, cause, remedy + spare, evidence(here))
                        : warn(owner, cause + "; NCCL will leave it out", remedy, evidence(here)),
                variant, here.scope);
}

Finding unmanaged(const PortHere& here) {
  return marked(
      fail(Owner::node, "no subnet manager answers for this port",
           "start the subnet manager (opensm, or the switch's own)",
           {fmt::format("{}/lid: {:#x}", here.path, here.port->lid.value_or(0)),
            fmt::format("{}/sm_lid: {:#x}", here.path, here.port->subnet_manager_lid.value_or(0))}),
      "no_subnet_manager", here.scope);
}

std::optional<Finding> slow(const PortHere& here, double best, const std::string& expected) {
  const auto rate = gigabits(here.port->rate);
  const auto wanted = parse_whole(expected);
  const std::string seen = fmt::format("{}/rate: {}", here.path, here.port->rate);
  if (rate && wanted && *rate < static_cast<double>(*wanted)) {
    return marked(fail(Owner::hardware,
                       fmt::format("the port runs at {} Gb/s, {} are expected", *rate, expected),
                       "check cable, transceiver and switch for the lower speed", {seen}),
                  "rate", here.scope);
  }
  if (rate && *rate < best) {
    return marked(
        warn(Owner::hardware, fmt::format("the port runs at {} Gb/s, a sibling at {}", *rate, best),
             "check cable, transceiver and switch; if it is meant to be slower, leave it "
             "out of NCCL_IB_HCA",
             {seen}),
        "slower", here.scope);
  }
  return std::nullopt;
}

// The fastest of the same kind.
double best_rate(const std::vector<PortHere>& ports, const RdmaPort& like) {
  double best = 0;
  for (const PortHere& other : ports) {
    if (!other.left_out && other.port->link_layer == like.link_layer && is_active(*other.port)) {
      best = std::max(best, gigabits(other.port->rate).value_or(0));
    }
  }
  return best;
}

Finding judge(const PortHere& here, const std::vector<PortHere>& ports,
              const std::string& expected) {
  const RdmaPort& port = *here.port;
  if (here.left_out) {
    return marked(skip("NCCL_IB_HCA leaves it out"), "", here.scope);
  }
  if (port.error != 0) {
    return marked(unknown("its state cannot be read: the function is managed by somebody else",
                          {fmt::format("{}/state: {}", here.path, errno_words(port.error))}),
                  "", here.scope);
  }
  const bool infiniband = port.link_layer == "InfiniBand";
  if (!is_active(port)) {
    const bool alone = std::ranges::none_of(
        ports, [](const PortHere& other) { return is_active(*other.port) && !other.left_out; });
    return down(here, infiniband || here.named || alone);
  }
  if (infiniband && (port.lid == 0U || port.subnet_manager_lid == 0U)) {
    return unmanaged(here);
  }
  if (auto finding = slow(here, best_rate(ports, port), expected)) {
    return *finding;
  }
  return marked(pass(fmt::format("active, {}", port.rate), evidence(here)), "", here.scope);
}

}  // namespace

std::vector<Finding> judge_rdma_port(const Question& question) {
  const std::vector<PortHere> ports = ports_here(question.facts);
  std::vector<Finding> found;
  for (const PortHere& here : ports) {
    found.push_back(judge(here, ports, question.expect.rate));
  }
  return found;
}

}  // namespace toolkit::diagnosis
