#pragma once
// Who this process is among the processes of its job, in the words of torchrun, whichever launcher
// has started it. One provider per scope is believed and all its fields are taken from it: a tuple
// never mixes two launchers. What nobody says stays unset, with the reason.

#include <toolkit/cluster/surroundings.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::cluster {

/// Of whom a value speaks. RANK of torchrun is of a process, RANK of Kubeflow of a pod.
enum class Scope { process, node, job };
/// said: the launcher's own word. composed: computed from several of its words. guessed: a rule of
/// thumb, such as a port that nobody has named.
enum class Confidence { said, composed, guessed };
[[nodiscard]] std::string_view scope_name(Scope scope);
[[nodiscard]] std::string_view confidence_name(Confidence confidence);

enum class Field {
  rank,              // RANK: of the process in the job, 0 to world_size - 1
  world_size,        // WORLD_SIZE: processes of the job
  local_rank,        // LOCAL_RANK: of the process on its node
  local_world_size,  // LOCAL_WORLD_SIZE: processes of the job on this node
  node_rank,         // NODE_RANK: of the node (pod, host) in the job
  node_count,        // NNODES
  master_addr,       // MASTER_ADDR: the node of rank 0
  master_port,       // MASTER_PORT
  nodes,             // the nodes' names, comma separated, in the order of their ranks
  job_id,            //
  job_name,          //
  role,              // launcher, worker, chief, ps, evaluator…
  restart_count,     // how often the job's group was started again, 0 at first
};
inline constexpr std::size_t kFieldCount = 13;
/// "rank", "world_size" …: the keys of --json. variable_name: "RANK", "NNODES"; "" for those that
/// have no customary variable.
[[nodiscard]] std::string_view field_name(Field field);
[[nodiscard]] std::string_view variable_name(Field field);

struct Value {
  std::string text;
  Scope scope = Scope::process;
  Confidence confidence = Confidence::said;
  std::string provider;              // "torchrun", "slurm-step"
  std::vector<std::string> sources;  // "SLURM_PROCID=3", "/opt/ml/…/resourceconfig.json: hosts"
  std::string rule;                  // for composed and guessed: how, in one phrase
};

using Values = std::array<std::optional<Value>, kFieldCount>;
[[nodiscard]] inline const std::optional<Value>& at(const Values& values, Field field) {
  return values[static_cast<std::size_t>(field)];
}

/// Two providers of the same scope that name different values; both are shown, one was believed.
struct Conflict {
  Field field;
  Value believed;
  Value other;
};

/// A provider that was seen, whether it was believed or not.
struct Sighting {
  std::string provider;  // its stable name, for --provider
  std::string title;     // "Slurm job step"
  Scope scope;
  std::string key;  // what gave it away: "SLURM_STEP_ID"
  bool believed = false;
};

struct Identity {
  Values values;
  std::vector<Sighting> seen;  // in order of precedence
  std::vector<Conflict> conflicts;
  std::vector<std::string>
      troubles;  // broken input, named with its place: "TF_CONFIG: … at byte 17"
  std::array<std::string, kFieldCount>
      missing;  // why a field that was looked for is unset; "" else
};

struct Wishes {
  std::string provider = {};                    // only this one is believed; "" for all
  std::optional<std::uint32_t> processes = {};  // --nproc: per node, where nobody says it
  std::optional<std::uint32_t> gpus = {};  // visible to this container, when somebody has counted
};

/// Who we are. Never fails: what cannot be read is in `troubles`, and the rest is answered.
[[nodiscard]] Identity identify(const Surroundings& surroundings, const Wishes& wishes);

/// The names that --provider takes, with what they stand for.
struct ProviderName {
  std::string_view name, title;
};
[[nodiscard]] std::span<const ProviderName> provider_names();

}  // namespace toolkit::cluster
