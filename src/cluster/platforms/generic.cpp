#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"RANK", "WORLD_SIZE", "LOCAL_RANK"});
}

void read(Account& account) {
  account.say_as_torch();
  account.say({{Field::node_count, "NNODES"}});
}

}  // namespace

extern const Platform kGeneric;
const Platform kGeneric{"variables", "RANK, WORLD_SIZE and LOCAL_RANK of an unnamed launcher",
                        Scope::process, detect, read};

}  // namespace toolkit::cluster
