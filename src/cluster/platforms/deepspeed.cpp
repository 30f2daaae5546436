#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// deepspeed/launcher/launch.py.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"CROSS_RANK", "CROSS_SIZE", "RANK", "LOCAL_RANK"});
}

void read(Account& account) {
  account.say({{Field::rank, "RANK"},
               {Field::world_size, "WORLD_SIZE"},
               {Field::local_rank, "LOCAL_RANK"},
               {Field::local_world_size, "LOCAL_SIZE"},
               {Field::node_rank, "CROSS_RANK"},
               {Field::node_count, "CROSS_SIZE"},
               {Field::master_addr, "MASTER_ADDR"},
               {Field::master_port, "MASTER_PORT"}});
}

}  // namespace

extern const Platform kDeepspeed;
const Platform kDeepspeed{"deepspeed", "DeepSpeed launcher worker", Scope::process, detect, read};

}  // namespace toolkit::cluster
