#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

std::string_view detect(const Surroundings& surroundings) {
  if (all_set(surroundings, {"RANK", "WORLD_SIZE", "LOCAL_RANK"}).empty()) {
    return "";
  }
  return is_set(surroundings, "AZUREML_RUN_ID") ? "AZUREML_RUN_ID"
                                                : all_set(surroundings, {"AZUREML_EXPERIMENT_ID"});
}

void read(Account& account) {
  account.say_as_torch();
  account.say({{Field::job_id, "AZUREML_RUN_ID"}});
}

}  // namespace

extern const Platform kAzureMl;
const Platform kAzureMl{"azure-ml", "Azure ML PyTorch job", Scope::process, detect, read};

}  // namespace toolkit::cluster
