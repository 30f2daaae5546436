#include "json_fields.hpp"

#include <toolkit/gpu/facts_json.hpp>

namespace toolkit::gpu {
namespace {
constexpr const char* kSchema = "toolkit.gpu-facts/1";
}

std::string to_json(const Facts& facts) {
  FieldWriter writer;
  writer.json["schema"] = kSchema;
  Facts::fields(facts, writer);
  return writer.json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Result<Facts> facts_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return fail(ErrorKind::usage, "not a capture of check-gpu: not a JSON object");
  }
  const auto schema = json.find("schema");
  if (schema == json.end() || *schema != kSchema) {
    return fail(ErrorKind::usage,
                "not a capture of check-gpu: its schema is not " + std::string(kSchema));
  }
  Facts facts;
  FieldReader reader{json, "", {}};
  Facts::fields(facts, reader);
  if (!reader.trouble.empty()) {
    return fail(ErrorKind::usage, "not a capture of check-gpu: " + reader.trouble);
  }
  return facts;
}

}  // namespace toolkit::gpu
