// The machine that we are on, as far as it can be seen.
#include "env_text_parts.hpp"

#include <toolkit/base/secret.hpp>

#include <fmt/format.h>

namespace toolkit::commands {

std::vector<Row> machine_rows(const Situation& situation) {
  const machine::Facts& facts = situation.facts;
  const gpu::GpuCount& gpus = situation.gpus;
  const machine::User& user = facts.user;
  std::vector<Row> rows{{"kernel", facts.kernel.release, facts.kernel.architecture},
                        {"runtime", facts.runtime.name.empty() ? "unknown" : facts.runtime.name,
                         facts.runtime.evidence},
                        {"GPUs", gpus.visible ? fmt::format("{}", *gpus.visible) : "unknown",
                         mask_secrets(gpus.visible ? gpus.evidence : gpus.reason)},
                        {"user", fmt::format("{}:{}", user.uid, user.gid),
                         user.host_uid ? fmt::format("{} on the host", *user.host_uid)
                                       : "on the host: not to be seen from here"}};
  if (facts.ports.ephemeral) {
    rows.push_back(
        {"ephemeral ports",
         fmt::format("{}-{}", facts.ports.ephemeral->first, facts.ports.ephemeral->second),
         "do not put MASTER_PORT there"});
  }
  return rows;
}

std::vector<Row> network_rows(const machine::Network& network) {
  std::vector<Row> rows{{"hostname", network.hostname, joined(network.hostname_addresses)}};
  for (const machine::Interface& interface : network.interfaces) {
    rows.push_back({interface.name, interface.kind + (interface.up ? "" : ", down"),
                    joined(interface.addresses)});
  }
  for (const machine::RdmaDevice& device : network.rdma) {
    rows.push_back({device.name, device.link_layer, device.state});
  }
  return rows;
}

}  // namespace toolkit::commands
