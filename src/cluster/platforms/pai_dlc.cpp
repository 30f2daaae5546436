#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// Its RANK and WORLD_SIZE are of nodes by definition.
std::string_view detect(const Surroundings& surroundings) {
  return is_set(surroundings, "KUBERNETES_SERVICE_HOST") && !is_set(surroundings, "LOCAL_RANK")
             ? all_set(surroundings, {"NPROC_PER_NODE", "RANK", "WORLD_SIZE"})
             : "";
}

void read(Account& account) {
  account.say({{Field::node_rank, "RANK"},
               {Field::node_count, "WORLD_SIZE"},
               {Field::master_addr, "MASTER_ADDR"},
               {Field::master_port, "MASTER_PORT"}});
  if (const auto count = account.number("NPROC_PER_NODE"); count && *count > 0) {
    account.slots = {{*count}, {account.source("NPROC_PER_NODE")}};
  }
}

}  // namespace

extern const Platform kPaiDlc;
const Platform kPaiDlc{"pai-dlc", "Alibaba PAI-DLC node", Scope::node, detect, read};

}  // namespace toolkit::cluster
