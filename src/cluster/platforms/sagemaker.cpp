#include "../json_input.hpp"
#include "../platform.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::cluster {
namespace {

// SageMaker's guide "How Amazon SageMaker AI Provides Training Information": the file is there in
// every container; SM_* only where its training toolkit starts the script.
constexpr std::string_view kFile = "/opt/ml/input/config/resourceconfig.json";

std::string_view detect(const Surroundings& surroundings) {
  if (surroundings.exists(std::string(kFile))) {
    return kFile;
  }
  return all_set(surroundings, {"SM_HOSTS", "SM_CURRENT_HOST"});
}

void read_hosts(Account& account, std::vector<std::string> hosts, std::string_view current,
                const std::string& list, const std::string& own) {
  if (hosts.empty() || current.empty()) {
    account.trouble(fmt::format("{}: no hosts, or no current host", list));
    return;
  }
  std::ranges::sort(hosts);  // SM_HOSTS is in any order, rank 0 is the first by name
  account.say_nodes(hosts, list);
  account.compose(Field::node_count, fmt::format("{}", hosts.size()), {list},
                  "the number of hosts");
  const auto at = std::ranges::find(hosts, current);
  if (at == hosts.end()) {
    account.trouble(fmt::format("{}: not among the hosts", own));
    account.lacks(Field::node_rank, "the current host is not among the hosts");
    return;
  }
  account.compose(Field::node_rank, fmt::format("{}", at - hosts.begin()), {list, own},
                  "the place of the current host among the sorted hosts");
}

void read_file_of_hosts(Account& account, const std::string& text) {
  const auto json = parse_json(text, kFile);
  if (!json) {
    account.trouble(json.error().message);
    return;
  }
  const auto* hosts = json->find("hosts");
  const auto* current = json->find("current_host");
  read_hosts(account, hosts ? hosts->texts() : std::vector<std::string>(),
             current ? current->text : "", fmt::format("{}: hosts", kFile),
             fmt::format("{}: current_host", kFile));
}

void read(Account& account) {
  account.say(Field::job_name, "TRAINING_JOB_NAME");
  account.say_first(Field::job_id, {"TRAINING_JOB_ARN", "TRAINING_JOB_NAME"});
  if (const auto text = account.surroundings().file(std::string(kFile))) {
    read_file_of_hosts(account, *text);
  } else if (const auto hosts = account.text("SM_HOSTS")) {
    const auto json = parse_json(*hosts, "SM_HOSTS");
    if (json) {
      read_hosts(account, json->texts(), account.text("SM_CURRENT_HOST").value_or(""),
                 account.source("SM_HOSTS"), account.source("SM_CURRENT_HOST"));
    } else {
      account.trouble(json.error().message);
    }
  }
  if (const auto gpus = account.number("SM_NUM_GPUS"); gpus && *gpus > 0) {
    account.slots = {{*gpus}, {account.source("SM_NUM_GPUS")}, Confidence::guessed};
  }
}

}  // namespace

extern const Platform kSagemaker;
const Platform kSagemaker{"sagemaker", "SageMaker training container", Scope::node, detect, read};

}  // namespace toolkit::cluster
