#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// kubernetes-sigs/lws api/leaderworkerset/v1/leaderworkerset_types.go (the names) and
// pkg/utils/pod/pod_utils.go, AddLWSVariables: all three are put first into every container, also
// over what the pod itself says. LWS_LEADER_ADDRESS is SET-GROUP.SUBDOMAIN.NAMESPACE; worker 0 is
// the leader; index and size are of the group, also where it has subgroups.
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
