#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// As accelerate/utils/environment.py reads it.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"});
}

void read(Account& account) {
  account.say({{Field::rank, "MV2_COMM_WORLD_RANK"},
               {Field::world_size, "MV2_COMM_WORLD_SIZE"},
               {Field::local_rank, "MV2_COMM_WORLD_LOCAL_RANK"},
               {Field::local_world_size, "MV2_COMM_WORLD_LOCAL_SIZE"}});
}

}  // namespace

extern const Platform kMvapich;
const Platform kMvapich{"mvapich", "MVAPICH2 process", Scope::process, detect, read};

}  // namespace toolkit::cluster
