#include "../platform.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

namespace toolkit::cluster {
namespace {

// pkg/utils/accelerators/tpu.go of LeaderWorkerSet; GKE sets the same on the pods of a slice.
constexpr std::string_view kHosts = "TPU_WORKER_HOSTNAMES";

std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"TPU_WORKER_ID", kHosts});
}

void read(Account& account) {
  account.say({{Field::node_rank, "TPU_WORKER_ID"}, {Field::job_name, "TPU_NAME"}});
  std::vector<std::string> names;
  for (const auto host : split(account.text(kHosts).value_or(""), ',')) {
    names.emplace_back(trim(host));
  }
  account.say_nodes(names, account.source(kHosts));
  account.compose(Field::node_count, fmt::format("{}", names.size()), {account.source(kHosts)},
                  "the number of hosts");
}

}  // namespace

extern const Platform kTpu;
const Platform kTpu{"tpu", "host of a TPU slice", Scope::node, detect, read};

}  // namespace toolkit::cluster
