#pragma once
// Everything that `env` and `run --with-env` know, looked at once.

#include <toolkit/cgroup/cpus.hpp>
#include <toolkit/cgroup/limits.hpp>
#include <toolkit/cluster/exports.hpp>
#include <toolkit/cluster/identity.hpp>
#include <toolkit/environment/snapshot.hpp>
#include <toolkit/gpu/count.hpp>
#include <toolkit/machine/facts.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::commands {

struct Situation {
  cluster::Identity identity;
  cgroup::Limits limits;
  machine::Facts facts;
  std::optional<cgroup::EffectiveCpus> cpus;
  gpu::GpuCount gpus;
  cluster::Exports exports;
};

/// As getenv(3) answers.
[[nodiscard]] std::optional<std::string_view> variable(std::string_view name);

/// `root` is where /proc, /sys and the files of the platforms are; "" for the real ones. Nothing is
/// written, and nobody is asked over the network.
[[nodiscard]] Situation look_around(const cluster::Wishes& wishes, const std::string& root = "");

/// What could not be read or understood, of all parts.
[[nodiscard]] std::vector<std::string> troubles_of(const Situation& situation);

/// "rank is 3 by torchrun, but 0 by slurm-step"
[[nodiscard]] std::string describe(const cluster::Conflict& conflict);

/// Sets what is to be exported; what the user has set himself stays.
void apply(const cluster::Exports& exports, environment::Snapshot& environment);

}  // namespace toolkit::commands
