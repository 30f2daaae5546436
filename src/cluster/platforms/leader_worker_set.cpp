#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// lws.sigs.k8s.io: worker 0 is the leader. The index is the one in its group.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"LWS_LEADER_ADDRESS"});
}

void read(Account& account) {
  account.say({{Field::node_rank, "LWS_WORKER_INDEX"},
               {Field::node_count, "LWS_GROUP_SIZE"},
               {Field::master_addr, "LWS_LEADER_ADDRESS"}});
}

}  // namespace

extern const Platform kLeaderWorkerSet;
const Platform kLeaderWorkerSet{"leader-worker-set", "LeaderWorkerSet pod", Scope::node, detect,
                                read};

}  // namespace toolkit::cluster
