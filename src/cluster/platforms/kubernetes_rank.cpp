#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// RANK without LOCAL_RANK is of a pod: PyTorchJob v1 before PET_*, Volcano's pytorch plugin.
std::string_view detect(const Surroundings& surroundings) {
  return is_set(surroundings, "KUBERNETES_SERVICE_HOST") && !is_set(surroundings, "LOCAL_RANK")
             ? all_set(surroundings, {"RANK", "WORLD_SIZE"})
             : "";
}

void read(Account& account) {
  account.say({{Field::node_rank, "RANK"},
               {Field::node_count, "WORLD_SIZE"},
               {Field::master_addr, "MASTER_ADDR"},
               {Field::master_port, "MASTER_PORT"}});
}

}  // namespace

extern const Platform kKubernetesRank;
const Platform kKubernetesRank{"kubernetes-rank",
                               "Kubernetes pod with a RANK of its own (Volcano, older operators)",
                               Scope::node, detect, read};

}  // namespace toolkit::cluster
