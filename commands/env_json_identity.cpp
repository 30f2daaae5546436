#include "env_json_parts.hpp"

#include <toolkit/base/text.hpp>

namespace toolkit::commands {
namespace {

using cluster::Field;

void write_value(JsonWriter& json, const cluster::Value& value) {
  json.begin_object().key("value");
  const auto number = parse_whole(value.text);
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
    json.key(cluster::field_name(static_cast<Field>(i)));
    identity.values[i] ? write_value(json, *identity.values[i]) : void(json.null());
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
    write_value(json, conflict.believed);
    json.key("other");
    write_value(json, conflict.other);
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
