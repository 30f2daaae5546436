#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// Kubernetes: Jobs, completion mode Indexed. A JobSet sets no variable of its own: what it knows is
// in labels and annotations of its pods (kubernetes-sigs/jobset api/jobset/v1alpha2/
// jobset_types.go: jobset.sigs.k8s.io/job-index, job-global-index, global-replicas, coordinator;
// pkg/constants: restart-attempt), which reach a program only as variables of the user's choosing.
// The index is the pod's in its own job, and says nothing of the other jobs of the set.
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
