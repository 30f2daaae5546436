#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// Open MPI 5 docs, tuning-apps/environment-var; seen with 4.1.4 and 5.0.7.
// OMPI_COMM_WORLD_NODE_RANK is the rank on the node across all jobs, not the node's rank.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"});
}

void read(Account& account) {
  account.say({{Field::rank, "OMPI_COMM_WORLD_RANK"},
               {Field::world_size, "OMPI_COMM_WORLD_SIZE"},
               {Field::local_rank, "OMPI_COMM_WORLD_LOCAL_RANK"},
               {Field::local_world_size, "OMPI_COMM_WORLD_LOCAL_SIZE"}});
  // 4.x says the number of nodes, 5.x has no such variable.
  account.say(Field::node_count, "OMPI_MCA_orte_num_nodes");
  account.say(Field::job_id, "PMIX_NAMESPACE");
}

}  // namespace

extern const Platform kOpenMpi;
const Platform kOpenMpi{"open-mpi", "Open MPI process", Scope::process, detect, read};

}  // namespace toolkit::cluster
