#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// horovod/runner/gloo_run.py. "Cross" counts the nodes. HOROVOD_GLOO_RENDEZVOUS_ADDR is where the
// launcher is, which need not be the node of rank 0.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"HOROVOD_RANK", "HOROVOD_SIZE"});
}

void read(Account& account) {
  account.say({{Field::rank, "HOROVOD_RANK"},
               {Field::world_size, "HOROVOD_SIZE"},
               {Field::local_rank, "HOROVOD_LOCAL_RANK"},
               {Field::local_world_size, "HOROVOD_LOCAL_SIZE"},
               {Field::node_rank, "HOROVOD_CROSS_RANK"},
               {Field::node_count, "HOROVOD_CROSS_SIZE"}});
}

}  // namespace

extern const Platform kHorovod;
const Platform kHorovod{"horovod", "Horovod worker", Scope::process, detect, read};

}  // namespace toolkit::cluster
