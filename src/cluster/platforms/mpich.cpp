#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// Hydra; seen with MPICH 4.0.2.
std::string_view detect(const Surroundings& surroundings) {
  // srun speaks PMI too; where it says the same as Slurm's own words, it is Slurm.
  const auto tasks = surroundings.variable("SLURM_STEP_NUM_TASKS");
  const bool of_srun =
      is_set(surroundings, "SLURM_STEP_ID") &&
      surroundings.variable("PMI_RANK") == surroundings.variable("SLURM_PROCID") &&
      surroundings.variable("PMI_SIZE") == (tasks ? tasks : surroundings.variable("SLURM_NTASKS"));
  return of_srun ? "" : all_set(surroundings, {"PMI_RANK", "PMI_SIZE"});
}

void read(Account& account) {
  account.say({{Field::rank, "PMI_RANK"},
               {Field::world_size, "PMI_SIZE"},
               {Field::local_rank, "MPI_LOCALRANKID"},
               {Field::local_world_size, "MPI_LOCALNRANKS"}});
}

}  // namespace

extern const Platform kMpich;
const Platform kMpich{"mpich", "MPICH, Intel MPI or another PMI process", Scope::process, detect,
                      read};

}  // namespace toolkit::cluster
