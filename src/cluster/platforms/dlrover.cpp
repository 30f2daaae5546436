#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// dlrover/python/common/constants.py, class NodeEnv.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"DLROVER_MASTER_ADDR"});
}

void read(Account& account) {
  account.say_first(Field::node_rank, {"NODE_RANK", "WORKER_RANK"});
  account.say_first(Field::node_count, {"NODE_NUM", "WORKER_NUM"});
  account.say_first(Field::role, {"NODE_TYPE", "WORKER_TYPE"});
  account.lacks(Field::master_addr, "DLROVER_MASTER_ADDR is DLRover's own master, not rank 0");
}

}  // namespace

extern const Platform kDlrover;
const Platform kDlrover{"dlrover", "DLRover node", Scope::node, detect, read};

}  // namespace toolkit::cluster
