#include "../platform.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

namespace toolkit::cluster {
namespace {

// torchrun's own options as variables, which both operators set on each pod:
// pkg/controller.v1/pytorch/ envvar.go, and the torch plugin of Trainer v2. RANK of PyTorchJob is
// the pod's, as PET_NODE_RANK.
std::string_view detect(const Surroundings& surroundings) {
  for (const std::string_view name : {"PET_NNODES", "PET_NODE_RANK"}) {
    if (is_set(surroundings, name)) {
      return name;
    }
  }
  return "";
}

void read(Account& account) {
  account.say(Field::node_rank, "PET_NODE_RANK");
  account.say_first(Field::master_addr, {"PET_MASTER_ADDR", "MASTER_ADDR"});
  account.say_first(Field::master_port, {"PET_MASTER_PORT", "MASTER_PORT"});
  account.say(Field::job_id, "PET_RDZV_ID");
  // "2", or "1:4" of an elastic job, whose size is agreed upon when it starts.
  if (const auto nodes = account.text("PET_NNODES"); nodes && nodes->find(':') != nodes->npos) {
    account.lacks(Field::node_count, fmt::format("{} is elastic", account.source("PET_NNODES")));
  } else {
    account.say(Field::node_count, "PET_NNODES");
  }
  // A whole number, or auto, gpu, cpu: torchrun counts for itself then.
  const auto processes = account.text("PET_NPROC_PER_NODE");
  if (!processes) {
    return;
  }
  if (const auto count = parse_whole(*processes); count && *count > 0 && *count < 1'000'000) {
    account.slots = {{static_cast<std::uint32_t>(*count)}, {account.source("PET_NPROC_PER_NODE")}};
  } else if (account.wishes().gpus && (*processes == "auto" || *processes == "gpu")) {
    account.slots = {{*account.wishes().gpus},
                     {account.source("PET_NPROC_PER_NODE"),
                      fmt::format("{} visible GPUs", *account.wishes().gpus)},
                     Confidence::guessed};
  }
}

}  // namespace

extern const Platform kKubeflow;
const Platform kKubeflow{"kubeflow", "Kubeflow pod (Trainer v2, PyTorchJob)", Scope::node, detect,
                         read};

}  // namespace toolkit::cluster
