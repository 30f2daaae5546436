// One document in two places: TF_CONFIG of TFJob and Vertex AI, CLUSTER_SPEC of Vertex AI.
// tensorflow.org, distributed training, TF_CONFIG; cloud.google.com/vertex-ai, distributed
// training.
#include "../json_input.hpp"
#include "../platform.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::cluster {
namespace {

// Who trains, in the order of the ranks. Parameter servers and evaluators are no ranks.
constexpr std::string_view kRanked[] = {"chief", "master", "workerpool0", "worker", "workerpool1"};

void read_task(Account& account, const JsonInput& json, const std::string& source) {
  const auto* task = json.find("task");
  const auto* type = task != nullptr ? task->find("type") : nullptr;
  const auto* index = task != nullptr ? task->find("index") : nullptr;
  const auto own = index != nullptr ? parse_whole(index->text) : std::nullopt;
  if (type == nullptr || !own) {
    account.lacks(Field::node_rank, "the document names no task of type and index");
    return;
  }
  account.set(Field::role, type->text, {source});
  const auto* cluster = json.find("cluster");
  std::int64_t before = 0;
  for (const auto name : kRanked) {
    const auto* hosts = cluster != nullptr ? cluster->find(name) : nullptr;
    if (name == type->text) {
      account.compose(Field::node_rank, fmt::format("{}", before + *own), {source},
                      "chief first, then the workers by their index");
      return;
    }
    before += hosts != nullptr ? static_cast<std::int64_t>(hosts->members.size()) : 0;
  }
  account.lacks(Field::node_rank, fmt::format("a {} has no rank", printable(type->text)));
}

void read_document(Account& account, std::string_view variable) {
  const auto text = account.text(variable).value_or("");
  const auto json = parse_json(text, variable);
  if (!json) {
    account.trouble(json.error().message);
    return;
  }
  const auto source = account.source(variable);
  read_task(account, *json, source);
  const auto* cluster = json->find("cluster");
  std::vector<std::string> names;
  for (const auto type : kRanked) {
    const auto* hosts = cluster != nullptr ? cluster->find(type) : nullptr;
    if (hosts != nullptr && hosts->kind == JsonInput::Kind::object) {
      account.lacks(Field::node_count, "a dynamic worker knows itself only");
      return;
    }
    for (const auto& host : hosts != nullptr ? hosts->texts() : std::vector<std::string>()) {
      names.push_back(host_and_port(host).first);
    }
  }
  account.say_nodes(names, source);
  if (!names.empty()) {
    account.compose(Field::node_count, fmt::format("{}", names.size()), {source},
                    "the chief and the workers");
  }
}

std::string_view detect_tf(const Surroundings& surroundings) {
  return all_set(surroundings, {"TF_CONFIG"});
}
void read_tf(Account& account) { read_document(account, "TF_CONFIG"); }

std::string_view detect_vertex(const Surroundings& surroundings) {
  return all_set(surroundings, {"CLUSTER_SPEC"});
}
void read_vertex(Account& account) {
  read_document(account, "CLUSTER_SPEC");
  account.say(Field::job_id, "CLOUD_ML_JOB_ID");
}

}  // namespace

extern const Platform kTfConfig;
const Platform kTfConfig{"tf-config", "TFJob or another with TF_CONFIG", Scope::node, detect_tf,
                         read_tf};
extern const Platform kVertex;
const Platform kVertex{"vertex", "Vertex AI custom training", Scope::node, detect_vertex,
                       read_vertex};

}  // namespace toolkit::cluster
