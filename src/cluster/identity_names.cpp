#include <toolkit/cluster/identity.hpp>

namespace toolkit::cluster {
namespace {

struct Names {
  std::string_view field, variable;
};
// In the order of Field.
constexpr std::array<Names, kFieldCount> kNames{{{"rank", "RANK"},
                                                 {"world_size", "WORLD_SIZE"},
                                                 {"local_rank", "LOCAL_RANK"},
                                                 {"local_world_size", "LOCAL_WORLD_SIZE"},
                                                 {"node_rank", "NODE_RANK"},
                                                 {"node_count", "NNODES"},
                                                 {"master_addr", "MASTER_ADDR"},
                                                 {"master_port", "MASTER_PORT"},
                                                 {"nodes", ""},
                                                 {"job_id", ""},
                                                 {"job_name", ""},
                                                 {"role", ""},
                                                 {"restart_count", ""}}};

}  // namespace

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::process:
      return "process";
    case Scope::node:
      return "node";
    case Scope::job:
      break;
  }
  return "job";
}

std::string_view confidence_name(Confidence confidence) {
  switch (confidence) {
    case Confidence::said:
      return "said";
    case Confidence::composed:
      return "composed";
    case Confidence::guessed:
      break;
  }
  return "guessed";
}

std::string_view field_name(Field field) { return kNames[static_cast<std::size_t>(field)].field; }
std::string_view variable_name(Field field) {
  return kNames[static_cast<std::size_t>(field)].variable;
}

}  // namespace toolkit::cluster
