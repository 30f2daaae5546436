#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// Kubernetes: Jobs, completion mode Indexed. A JobSet has the same of each of its jobs.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"JOB_COMPLETION_INDEX"});
}

void read(Account& account) {
  account.say(Field::node_rank, "JOB_COMPLETION_INDEX");
  account.lacks(Field::node_count,
                "an Indexed Job says the index of the pod, not how many there are");
}

}  // namespace

extern const Platform kIndexedJob;
const Platform kIndexedJob{"indexed-job", "Kubernetes Indexed Job or JobSet", Scope::node, detect,
                           read};

}  // namespace toolkit::cluster
