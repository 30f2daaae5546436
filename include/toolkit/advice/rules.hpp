#pragma once
// Everything that can be checked about a place of training before it starts. The rules are pure:
// who calls them looks at the world, and leaves unset what it has not looked at.

#include <toolkit/advice/finding.hpp>
#include <toolkit/cgroup/limits.hpp>
#include <toolkit/cluster/identity.hpp>
#include <toolkit/machine/facts.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::advice {

/// A directory that other containers write to as well.
struct Volume {
  std::string path;
  std::uint32_t owner = 0;
  bool writable = false;  // access(2)
};

/// A job record's last word, against our clock.
struct RecordClock {
  std::string job;
  double seconds_ahead = 0;  // above 0: it was written in our future
};

/// What came of a connection to the node of rank 0: somebody listens, nobody does, or no word came
/// back.
enum class Reached { open, refused, silent };

struct Scene {
  const cgroup::Limits& limits;
  const machine::Facts& facts;
  const cluster::Identity& identity;
  std::function<std::optional<std::string_view>(std::string_view name)> variables;
  /// The local addresses that somebody listens at on MASTER_PORT.
  std::optional<std::vector<std::string>> port_listeners;
  /// What name servers say of MASTER_ADDR; only after --probe.
  std::optional<std::vector<std::string>> probed_master;
  bool probed = false;  // --probe was given
  /// Only after --probe, and not from rank 0's own node.
  std::optional<Reached> master_reached;
  /// Of the last moments, 0 to 1: cgroup::throttled_share.
  std::optional<double> throttled_share;
  std::vector<Volume> volumes;
  std::vector<RecordClock> clocks;
};

/// One finding a rule, in a fixed order; of volumes and records one each.
[[nodiscard]] std::vector<Finding> check(const Scene& scene);

/// Of rank 0, or on the node of it as far as that is known; nothing when not known.
[[nodiscard]] std::optional<bool> is_on_first_node(const Scene& scene);

struct RuleName {
  std::string_view id, question;
};
[[nodiscard]] std::span<const RuleName> rule_names();

}  // namespace toolkit::advice
