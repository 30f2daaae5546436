#pragma once
// The variables that a training process wants, made from who we are and what we may use. Pure: what
// the machine has comes as arguments. What the user has set to something else stays, and is named.

#include <toolkit/cluster/identity.hpp>

#include <cstdint>
#include <utility>

namespace toolkit::cluster {

using PortRange = std::pair<std::uint16_t, std::uint16_t>;

struct ExportInputs {
  std::optional<double> cpus;                // that we may really use; nothing when unknown
  std::optional<PortRange> ephemeral = {};   // ip_local_port_range
  std::vector<PortRange> reserved = {};      // ip_local_reserved_ports
  std::vector<std::string> interfaces = {};  // that exist and are up, without loopback
  std::string default_interface = {};        // of the default route; "" when there is none
};

struct Export {
  std::string name, value;
  Confidence confidence = Confidence::said;
  std::vector<std::string> chain;  // how it came about, a step a line, for --explain
  /// The user's own other value, which stays: nothing is to be exported then.
  std::optional<std::string> kept;
};

struct Exports {
  std::vector<Export> all;
  std::vector<std::pair<std::string, std::string>> unset;  // name, why
};

/// RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, NODE_RANK, NNODES, MASTER_ADDR, MASTER_PORT,
/// OMP_NUM_THREADS, NCCL_SOCKET_IFNAME and GLOO_SOCKET_IFNAME. The identity's variables replace
/// what is set where a platform means something else by them (RANK of a pod), the others are kept.
[[nodiscard]] Exports make_exports(const Identity& identity, const Surroundings& surroundings,
                                   const ExportInputs& inputs);

/// The same port on every rank without a word between them: from the job's id, in 10000 to 29999
/// (below Linux's ephemeral range and Kubernetes' node ports), outside of the given ranges; from
/// 1024 on where those leave nothing. Nothing when no port is left. Without an id it starts at
/// torchrun's 29500.
[[nodiscard]] std::optional<std::uint16_t> agreed_port(std::string_view job_id,
                                                       const std::optional<PortRange>& ephemeral,
                                                       const std::vector<PortRange>& reserved);

}  // namespace toolkit::cluster
