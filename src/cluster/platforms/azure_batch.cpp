#include "../platform.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

namespace toolkit::cluster {
namespace {

// Azure Batch, compute node environment variables, of multi-instance tasks.
std::string_view detect(const Surroundings& surroundings) {
  const auto key = all_set(surroundings, {"AZ_BATCH_HOST_LIST"});
  return key.empty() ? all_set(surroundings, {"AZ_BATCH_MASTER_NODE"}) : key;
}

void read(Account& account) {
  account.say(Field::job_id, "AZ_BATCH_JOB_ID");
  if (const auto list = account.text("AZ_BATCH_HOST_LIST")) {
    const auto names = split(*list, ',');
    account.set(Field::nodes, std::string(*list), {account.source("AZ_BATCH_HOST_LIST")});
    account.compose(Field::node_count, fmt::format("{}", names.size()),
                    {account.source("AZ_BATCH_HOST_LIST")}, "the number of hosts");
  }
  if (const auto master = account.text("AZ_BATCH_MASTER_NODE")) {
    account.compose(Field::master_addr, host_and_port(*master).first,
                    {account.source("AZ_BATCH_MASTER_NODE")}, "without its port");
  }
  if (account.text("AZ_BATCH_IS_CURRENT_NODE_MASTER") == "true") {
    account.compose(Field::node_rank, "0", {account.source("AZ_BATCH_IS_CURRENT_NODE_MASTER")},
                    "the master is the first");
  } else {
    account.lacks(Field::node_rank, "Azure Batch tells only the master which node it is");
  }
}

}  // namespace

extern const Platform kAzureBatch;
const Platform kAzureBatch{"azure-batch", "Azure Batch multi-instance task", Scope::node, detect,
                           read};

}  // namespace toolkit::cluster
