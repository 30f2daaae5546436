#pragma once
// The parts of the JSON answer, each written as members of the object that is open.

#include "env_situation.hpp"

#include <toolkit/base/json_writer.hpp>
#include <toolkit/base/secret.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace toolkit::commands {

void write_identity(JsonWriter& json, const cluster::Identity& identity);
void write_exports(JsonWriter& json, const cluster::Exports& exports);
void write_limits(JsonWriter& json, const Situation& situation);
void write_machine(JsonWriter& json, const Situation& situation);

template <typename T>
void number_or_null(JsonWriter& json, std::string_view name, const std::optional<T>& value) {
  json.key(name);
  if (!value) {
    json.null();
  } else if constexpr (std::is_same_v<T, double> || std::is_same_v<T, bool>) {
    json.value(*value);
  } else {
    json.value(static_cast<std::uint64_t>(*value));
  }
}

inline void text_or_null(JsonWriter& json, std::string_view name, const std::string& text) {
  text.empty() ? json.key(name).null() : json.field(name, mask_secrets(text));
}

inline void write_texts(JsonWriter& json, std::string_view name,
                        const std::vector<std::string>& items) {
  json.key(name).begin_array();
  for (const std::string& item : items) {
    json.value(mask_secrets(item));
  }
  json.end_array();
}

}  // namespace toolkit::commands
