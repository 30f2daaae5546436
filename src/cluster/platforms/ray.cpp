#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// python/ray/train/torch/config.py.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"RAY_JOB_ID", "RANK", "WORLD_SIZE", "LOCAL_RANK"});
}

void read(Account& account) {
  account.say({{Field::rank, "RANK"},
               {Field::world_size, "WORLD_SIZE"},
               {Field::local_rank, "LOCAL_RANK"},
               {Field::local_world_size, "LOCAL_WORLD_SIZE"},
               {Field::node_rank, "NODE_RANK"},
               {Field::master_addr, "MASTER_ADDR"},
               {Field::master_port, "MASTER_PORT"},
               {Field::job_id, "RAY_JOB_ID"}});
}

}  // namespace

extern const Platform kRay;
const Platform kRay{"ray", "Ray Train worker", Scope::process, detect, read};

}  // namespace toolkit::cluster
