#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// mpi_p_slurmstepd_task() of Slurm's mpi/cray_shasta, by HPE, sets them as PALS does: all but
// PALS_LOCAL_SIZE, which is known from scripts for Aurora alone, and PMI_SIZE beside them. Flux has
// rank, node and job as aliases, flux-shell-cray-pals(1) of flux-coral2. Not seen on a machine.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"PALS_RANKID"});
}

void read(Account& account) {
  account.say({{Field::rank, "PALS_RANKID"},
               {Field::local_rank, "PALS_LOCAL_RANKID"},
               {Field::local_world_size, "PALS_LOCAL_SIZE"},
               {Field::node_rank, "PALS_NODEID"},
               {Field::job_id, "PALS_APID"}});
  // PALS has no size of its own; its PMI has.
  account.say(Field::world_size, "PMI_SIZE");
}

}  // namespace

extern const Platform kPals;
const Platform kPals{"pals", "PALS process (HPE Cray)", Scope::process, detect, read};

}  // namespace toolkit::cluster
