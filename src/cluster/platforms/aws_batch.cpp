#include "../platform.hpp"

#include <fmt/core.h>

namespace toolkit::cluster {
namespace {

// AWS Batch user guide, job environment variables.
std::string_view detect(const Surroundings& surroundings) {
  return all_set(surroundings, {"AWS_BATCH_JOB_NODE_INDEX", "AWS_BATCH_JOB_NUM_NODES"});
}

void read(Account& account) {
  account.say({{Field::node_rank, "AWS_BATCH_JOB_NODE_INDEX"},
               {Field::node_count, "AWS_BATCH_JOB_NUM_NODES"},
               {Field::master_addr, "AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS"},
               {Field::job_id, "AWS_BATCH_JOB_ID"}});
  const auto main = account.number("AWS_BATCH_JOB_MAIN_NODE_INDEX");
  const auto index = account.number("AWS_BATCH_JOB_NODE_INDEX");
  // The address is set everywhere but on the main node itself.
  if (!account.text("AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS") && main && main == index) {
    account.compose(Field::master_addr, account.surroundings().hostname(),
                    {account.source("AWS_BATCH_JOB_MAIN_NODE_INDEX"),
                     account.source("AWS_BATCH_JOB_NODE_INDEX"), "hostname"},
                    "this is the main node, so its own host name");
  }
  if (main && *main != 0) {
    account.trouble(fmt::format("{}: rank 0 is not on the main node",
                                account.source("AWS_BATCH_JOB_MAIN_NODE_INDEX")));
  }
  if (const auto attempt = account.number("AWS_BATCH_JOB_ATTEMPT"); attempt && *attempt > 0) {
    account.compose(Field::restart_count, fmt::format("{}", *attempt - 1),
                    {account.source("AWS_BATCH_JOB_ATTEMPT")}, "attempts count from 1");
  }
}

}  // namespace

extern const Platform kAwsBatch;
const Platform kAwsBatch{"aws-batch", "AWS Batch multi-node job", Scope::node, detect, read};

}  // namespace toolkit::cluster
