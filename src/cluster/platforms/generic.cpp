#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"RANK", "WORLD_SIZE", "LOCAL_RANK"});
}

void read(Account& account) {
  account.say({{Field::rank, "RANK"},
               {Field::world_size, "WORLD_SIZE"},
               {Field::local_rank, "LOCAL_RANK"},
               {Field::local_world_size, "LOCAL_WORLD_SIZE"},
               {Field::node_rank, "NODE_RANK"},
               {Field::node_count, "NNODES"},
               {Field::master_addr, "MASTER_ADDR"},
               {Field::master_port, "MASTER_PORT"}});
}

}  // namespace

extern const Platform kGeneric;
const Platform kGeneric{"variables", "RANK, WORLD_SIZE and LOCAL_RANK of an unnamed launcher",
                        Scope::process, detect, read};

}  // namespace toolkit::cluster
