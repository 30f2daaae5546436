#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// prrte, and srun --mpi=pmix beside its own variables.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"PMIX_RANK", "PMIX_NAMESPACE"});
}

void read(Account& account) {
  account.say({{Field::rank, "PMIX_RANK"}, {Field::job_id, "PMIX_NAMESPACE"}});
  account.lacks(Field::world_size, "PMIx says it only when it is asked over its own protocol");
}

}  // namespace

extern const Platform kPmix;
const Platform kPmix{"pmix", "PMIx process", Scope::process, detect, read};

}  // namespace toolkit::cluster
