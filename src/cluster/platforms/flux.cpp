#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// flux-environment(7); the node, where Cray MPICH is used, by flux-shell-cray-pals(1).
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"FLUX_TASK_RANK"});
}

void read(Account& account) {
  account.say({{Field::rank, "FLUX_TASK_RANK"},
               {Field::world_size, "FLUX_JOB_SIZE"},
               {Field::local_rank, "FLUX_TASK_LOCAL_ID"},
               {Field::node_count, "FLUX_JOB_NNODES"},
               {Field::node_rank, "PALS_NODEID"},
               {Field::job_id, "FLUX_JOB_ID"}});
}

}  // namespace

extern const Platform kFlux;
const Platform kFlux{"flux", "Flux task", Scope::process, detect, read};

}  // namespace toolkit::cluster
