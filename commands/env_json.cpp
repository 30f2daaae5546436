#include "env_json.hpp"

#include "env_json_parts.hpp"

namespace toolkit::commands {
namespace {

void write_findings(JsonWriter& json, const std::vector<advice::Finding>& findings) {
  json.key("findings").begin_array();
  for (const advice::Finding& finding : findings) {
    json.begin_object().field("id", finding.id);
    json.field("status", advice::status_name(finding.status));
    text_or_null(json, "title", finding.title);
    text_or_null(json, "evidence", finding.evidence);
    text_or_null(json, "remedy", finding.remedy);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string to_json(const Situation& situation,
                    const std::optional<std::vector<advice::Finding>>& findings) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("schema", "toolkit.env/1");
  write_identity(json, situation.identity);
  write_exports(json, situation.exports);
  write_limits(json, situation);
  write_machine(json, situation);
  if (findings) {
    write_findings(json, *findings);
  }
  write_texts(json, "troubles", troubles_of(situation));
  json.end_object();
  return out + '\n';
}

}  // namespace toolkit::commands
