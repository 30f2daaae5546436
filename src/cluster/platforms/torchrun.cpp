#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// torch/distributed/elastic/agent/server/local_elastic_agent.py; seen with torch 1.13.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"TORCHELASTIC_RUN_ID", "RANK", "LOCAL_RANK"});
}

void read(Account& account) {
  account.say({{Field::rank, "RANK"},
               {Field::world_size, "WORLD_SIZE"},
               {Field::local_rank, "LOCAL_RANK"},
               {Field::local_world_size, "LOCAL_WORLD_SIZE"},
               {Field::node_rank, "GROUP_RANK"},
               {Field::node_count, "GROUP_WORLD_SIZE"},
               {Field::master_addr, "MASTER_ADDR"},
               {Field::master_port, "MASTER_PORT"},
               {Field::job_id, "TORCHELASTIC_RUN_ID"},
               {Field::role, "ROLE_NAME"},
               {Field::restart_count, "TORCHELASTIC_RESTART_COUNT"}});
}

}  // namespace

extern const Platform kTorchrun;
const Platform kTorchrun{"torchrun", "torchrun worker", Scope::process, detect, read};

}  // namespace toolkit::cluster
