#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"KUBERNETES_SERVICE_HOST"});
}

void read(Account& account) {
  account.lacks(Field::node_count, "a plain pod knows nothing of other pods");
}

}  // namespace

extern const Platform kKubernetes;
const Platform kKubernetes{"kubernetes", "Kubernetes pod", Scope::node, detect, read};

}  // namespace toolkit::cluster
