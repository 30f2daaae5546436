#include "../platform.hpp"

#include <toolkit/base/text.hpp>

namespace toolkit::cluster {
namespace {

// docs.skypilot.co, environment variables. One process a GPU is the custom, not its word.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"SKYPILOT_NODE_RANK", "SKYPILOT_NODE_IPS"});
}

void read(Account& account) {
  account.say({{Field::node_rank, "SKYPILOT_NODE_RANK"},
               {Field::node_count, "SKYPILOT_NUM_NODES"},
               {Field::job_id, "SKYPILOT_TASK_ID"}});
  std::vector<std::string> names;
  for (const auto line : split(account.text("SKYPILOT_NODE_IPS").value_or(""), '\n')) {
    if (!trim(line).empty()) {
      names.emplace_back(trim(line));
    }
  }
  account.say_nodes(names, account.source("SKYPILOT_NODE_IPS"));
  if (const auto gpus = account.number("SKYPILOT_NUM_GPUS_PER_NODE"); gpus && *gpus > 0) {
    account.slots = {{*gpus}, {account.source("SKYPILOT_NUM_GPUS_PER_NODE")}, Confidence::guessed};
  }
}

}  // namespace

extern const Platform kSkypilot;
const Platform kSkypilot{"skypilot", "SkyPilot node", Scope::node, detect, read};

}  // namespace toolkit::cluster
