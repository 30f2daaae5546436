// Names, addresses and interfaces.
#include "rules.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <strings.h>

#include <algorithm>

namespace toolkit::advice {
namespace {

using cluster::Field;
using machine::Interface;

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

// MASTER_ADDR by /etc/hosts, then by what a probe has answered. Nothing: nobody has been asked.
std::optional<std::vector<std::string>> master_addresses(const Scene& scene,
                                                         const std::string& name) {
  auto addresses = machine::addresses_of(scene.facts.network, name);
  return addresses.empty() ? scene.probed_master : std::optional(std::move(addresses));
}

bool is_ours(const Scene& scene, const std::string& address) {
  return std::ranges::any_of(scene.facts.network.interfaces, [&](const Interface& found) {
    return std::ranges::count(found.addresses, address) > 0;
  });
}

const char* const kHowToProbe = "ask name servers too: toolkit env --check --probe";

// [^][=]a,b of NCCL: "^" excludes, "=" wants whole names instead of beginnings.
struct InterfacePattern {
  bool excludes = false, exact = false;
  std::vector<std::string_view> names;
};

InterfacePattern parse_pattern(std::string_view text) {
  InterfacePattern pattern;
  pattern.excludes = text.starts_with('^');
  text.remove_prefix(pattern.excludes ? 1 : 0);
  pattern.exact = text.starts_with('=');
  text.remove_prefix(pattern.exact ? 1 : 0);
  for (const std::string_view part : split(text, ',')) {
    if (const auto name = part.substr(0, part.find(':')); !name.empty()) {  // name:port
      pattern.names.push_back(name);
    }
  }
  return pattern;
}

bool selects(const InterfacePattern& pattern, const Interface& found) {
  const bool named = std::ranges::any_of(pattern.names, [&](std::string_view name) {
    return pattern.exact ? found.name == name : found.name.starts_with(name);
  });
  return named != pattern.excludes;
}

std::string names_of_interfaces(const Scene& scene) {
  std::vector<std::string> names;
  for (const Interface& found : scene.facts.network.interfaces) {
    names.push_back(found.name + (found.up ? "" : " (down)"));
  }
  return "interfaces: " + join(names);
}

}  // namespace

Finding hostname_loopback(const Scene& scene) {
  const auto nodes = node_count(scene);
  const auto& network = scene.facts.network;
  if (!nodes || *nodes < 2) {
    return skip(nodes ? "one node alone" : "the number of nodes is not known");
  }
  if (network.hostname_addresses.empty()) {
    return unknown("the hostname " + network.hostname + " is not in /etc/hosts",
                   "name servers were not asked", kHowToProbe);
  }
  const std::string evidence =
      "/etc/hosts: " + network.hostname + " is " + join(network.hostname_addresses);
  // Gloo takes the first address that fits.
  if (!is_loopback(network.hostname_addresses.front())) {
    return pass("the hostname leads to this node", evidence);
  }
  const auto wanted = variable(scene, "GLOO_SOCKET_IFNAME");
  const std::string title =
      fmt::format("the hostname resolves to loopback, and there are {} nodes", *nodes);
  const std::string remedy =
      "put this node's address before " + network.hostname +
      " in /etc/hosts, or export GLOO_SOCKET_IFNAME=" +
      (network.default_interface.empty() ? "INTERFACE" : network.default_interface);
  return wanted ? warn(title, evidence + "; GLOO_SOCKET_IFNAME=" + *wanted, remedy)
                : failed(title, evidence, remedy);
}

Finding master_resolves(const Scene& scene) {
  const auto master = text_of(scene, Field::master_addr);
  if (!master) {
    return skip("MASTER_ADDR is not known");
  }
  const auto addresses = master_addresses(scene, *master);
  if (!addresses) {
    return unknown("MASTER_ADDR=" + *master + " is not in /etc/hosts",
                   "name servers were not asked", kHowToProbe);
  }
  if (addresses->empty()) {
    return failed("MASTER_ADDR=" + *master + " cannot be resolved",
                  "neither /etc/hosts nor the name servers know it",
                  "wait until it exists: toolkit wait dns:" + *master +
                      "; in Kubernetes the Service must be headless and of this name");
  }
  return pass("MASTER_ADDR=" + *master + " resolves", join(*addresses));
}

Finding master_loopback(const Scene& scene) {
  const auto master = text_of(scene, Field::master_addr);
  const auto nodes = node_count(scene);
  if (!master || !nodes || *nodes < 2) {
    return skip(master ? "one node alone, or their number is not known"
                       : "MASTER_ADDR is not known");
  }
  const auto addresses = master_addresses(scene, *master);
  if (!addresses || addresses->empty()) {
    return unknown("MASTER_ADDR=" + *master + " is not resolved", "", kHowToProbe);
  }
  const std::string evidence = *master + " is " + join(*addresses);
  return std::ranges::all_of(*addresses, is_loopback)
             ? failed(fmt::format("MASTER_ADDR is loopback, and there are {} nodes", *nodes),
                      evidence, "set MASTER_ADDR to an address of rank 0's node")
             : pass("MASTER_ADDR is not loopback", evidence);
}

Finding master_is_mine(const Scene& scene) {
  const auto master = text_of(scene, Field::master_addr);
  const auto first = is_on_first_node(scene);
  if (!master || first == false) {
    return skip(master ? "rank 0 is elsewhere" : "MASTER_ADDR is not known");
  }
  const auto addresses = master_addresses(scene, *master);
  if (!first || !addresses || addresses->empty() || scene.facts.network.interfaces.empty()) {
    return unknown(
        "whether MASTER_ADDR=" + *master + " is ours cannot be told",
        first ? "it is not resolved, or no interface can be seen" : "our rank is not known",
        kHowToProbe);
  }
  const std::string evidence = *master + " is " + join(*addresses);
  return std::ranges::any_of(*addresses,
                             [&](const std::string& one) { return is_ours(scene, one); })
             ? pass("MASTER_ADDR is an address of this node", evidence)
             : failed("MASTER_ADDR is no address of this node, which has rank 0", evidence,
                      "set MASTER_ADDR to this node's name or address on every node");
}

Finding nccl_interface(const Scene& scene) {
  const auto text = variable(scene, "NCCL_SOCKET_IFNAME");
  if (!text) {
    return skip("NCCL_SOCKET_IFNAME is not set");
  }
  const InterfacePattern pattern = parse_pattern(*text);
  std::vector<std::string> chosen;
  for (const Interface& found : scene.facts.network.interfaces) {
    if (found.up && !found.addresses.empty() && selects(pattern, found)) {
      chosen.push_back(found.name);
    }
  }
  if (scene.facts.network.interfaces.empty()) {
    return unknown("NCCL_SOCKET_IFNAME=" + *text, "no interface can be seen");
  }
  return chosen.empty() ? failed("NCCL_SOCKET_IFNAME=" + *text + " leaves no interface",
                                 names_of_interfaces(scene),
                                 "name one that is up: export NCCL_SOCKET_IFNAME==" +
                                     (scene.facts.network.default_interface.empty()
                                          ? "INTERFACE"
                                          : scene.facts.network.default_interface))
                        : pass("NCCL_SOCKET_IFNAME=" + *text + " takes " + join(chosen),
                               names_of_interfaces(scene));
}

Finding gloo_interface(const Scene& scene) {
  const auto text = variable(scene, "GLOO_SOCKET_IFNAME");
  if (!text) {
    return skip("GLOO_SOCKET_IFNAME is not set");
  }
  if (scene.facts.network.interfaces.empty()) {
    return unknown("GLOO_SOCKET_IFNAME=" + *text, "no interface can be seen");
  }
  for (const std::string_view name : split(*text, ',')) {
    const bool exists =
        std::ranges::any_of(scene.facts.network.interfaces, [&](const Interface& found) {
          return found.name == name && found.up && !found.addresses.empty();
        });
    if (!exists) {
      return failed("GLOO_SOCKET_IFNAME=" + *text + ": no interface " + std::string(name) +
                        " that is up and has an address",
                    names_of_interfaces(scene), "Gloo wants whole names, comma separated");
    }
  }
  return pass("GLOO_SOCKET_IFNAME=" + *text + " exists", names_of_interfaces(scene));
}

}  // namespace toolkit::advice
