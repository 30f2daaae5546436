#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// python/ray/train/torch/config.py.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"RAY_JOB_ID", "RANK", "WORLD_SIZE", "LOCAL_RANK"});
}

void read(Account& account) {
  account.say_as_torch();
  account.say({{Field::job_id, "RAY_JOB_ID"}});
}

}  // namespace

extern const Platform kRay;
const Platform kRay{"ray", "Ray Train worker", Scope::process, detect, read};

}  // namespace toolkit::cluster
