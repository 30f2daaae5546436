#include "env_json_parts.hpp"

#include <toolkit/base/text.hpp>

namespace toolkit::commands {
namespace {

using cluster::Field;

// By the field and not by its content: a job may be called 007.
bool is_number(Field field) {
  return field != Field::master_addr && field != Field::nodes && field != Field::job_id &&
         field != Field::job_name && field != Field::role;
}

void write_value(JsonWriter& json, Field field, const cluster::Value& value) {
  json.begin_object().key("value");
  const auto number = is_number(field) ? parse_whole(value.text) : std::nullopt;
  number ? json.value(static_cast<std::int64_t>(*number)) : json.value(value.text);
  json.field("scope", cluster::scope_name(value.scope))
      .field("confidence", cluster::confidence_name(value.confidence))
      .field("provider", value.provider);
  write_texts(json, "sources", value.sources);
  text_or_null(json, "rule", value.rule);
  json.end_object();
}

void write_values(JsonWriter& json, const cluster::Identity& identity) {
  json.key("identity").begin_object();
  for (std::size_t i = 0; i < cluster::kFieldCount; ++i) {
    const auto field = static_cast<Field>(i);
    json.key(cluster::field_name(field));
    identity.values[i] ? write_value(json, field, *identity.values[i]) : void(json.null());
  }
  json.end_object().key("missing").begin_object();
  for (std::size_t i = 0; i < cluster::kFieldCount; ++i) {
    if (!identity.missing[i].empty()) {
      json.field(cluster::field_name(static_cast<Field>(i)), identity.missing[i]);
    }
  }
  json.end_object();
}

void write_providers(JsonWriter& json, const cluster::Identity& identity) {
  json.key("providers").begin_array();
  for (const cluster::Sighting& seen : identity.seen) {
    json.begin_object()
        .field("name", seen.provider)
        .field("title", seen.title)
        .field("scope", cluster::scope_name(seen.scope))
        .field("key", seen.key)
        .field("believed", seen.believed)
        .end_object();
  }
  json.end_array().key("conflicts").begin_array();
  for (const cluster::Conflict& conflict : identity.conflicts) {
    json.begin_object().field("field", cluster::field_name(conflict.field)).key("believed");
    write_value(json, conflict.field, conflict.believed);
    json.key("other");
    write_value(json, conflict.field, conflict.other);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void write_identity(JsonWriter& json, const cluster::Identity& identity) {
  write_values(json, identity);
  write_providers(json, identity);
}

void write_exports(JsonWriter& json, const cluster::Exports& exports) {
  json.key("exports").begin_array();
  for (const cluster::Export& made : exports.all) {
    json.begin_object().field("name", made.name).field("value", mask_secrets(made.value));
    text_or_null(json, "kept", made.kept.value_or(""));
    json.field("confidence", cluster::confidence_name(made.confidence));
    write_texts(json, "chain", made.chain);
    json.end_object();
  }
  json.end_array().key("not_exported").begin_object();
  for (const auto& [name, why] : exports.unset) {
    json.field(name, why);
  }
  json.end_object();
}

}  // namespace toolkit::commands
