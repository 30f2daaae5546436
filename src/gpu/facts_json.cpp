#include <toolkit/gpu/facts_json.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace toolkit::gpu {
namespace {

// Two visitors of fields(): one makes JSON of a struct, one fills a struct from JSON.
using Json = nlohmann::ordered_json;

struct FieldWriter {
  Json json = Json::object();

  template <typename T>
  void operator()(const char* name, const T& value) {
    if (Json made = make(value); !made.is_null()) {
      json[name] = std::move(made);
    }
  }

 private:
  template <typename T>
  static Json make(const T& value) {
    if constexpr (requires(FieldWriter & visit) { T::fields(value, visit); }) {
      FieldWriter inner;
      T::fields(value, inner);
      return std::move(inner.json);
    } else {
      return Json(value);
    }
  }
  template <typename T>
  static Json make(const std::optional<T>& value) {
    return value ? make(*value) : Json();
  }
  template <typename T>
  static Json make(const std::vector<T>& list) {
    Json json = Json::array();
    for (const T& item : list) {
      json.push_back(make(item));
    }
    return json;
  }
  template <typename T>
  static Json make(const std::map<std::string, T>& map) {
    Json json = Json::object();
    for (const auto& [name, item] : map) {
      json[name] = make(item);
    }
    return json;
  }
  template <typename A, typename B>
  static Json make(const std::pair<A, B>& pair) {
    return Json::array({make(pair.first), make(pair.second)});
  }
};

struct FieldReader {
  const Json& json;
  std::string place;    // "driver.nodes[3]"
  std::string trouble;  // the first

  template <typename T>
  void operator()(const char* name, T& value) {
    if (const auto it = json.find(name); it != json.end()) {
      take(*it, place.empty() ? name : place + "." + name, value);
    }
  }

 private:
  void wrong(const std::string& where, const char* what) {
    trouble = trouble.empty() ? where + " is not " + what : trouble;
  }
  void take(const Json& from, const std::string& where, std::string& out) {
    from.is_string() ? out = from.get<std::string>(), void() : wrong(where, "a string");
  }
  void take(const Json& from, const std::string& where, bool& out) {
    from.is_boolean() ? out = from.get<bool>(), void() : wrong(where, "true or false");
  }
  template <typename T>
  requires std::is_arithmetic_v<T>
  void take(const Json& from, const std::string& where, T& out) {
    if constexpr (std::is_floating_point_v<T>) {
      from.is_number() ? out = from.get<T>(), void() : wrong(where, "a number");
    } else {
      const bool whole = from.is_number_unsigned() ? std::in_range<T>(from.get<std::uint64_t>())
                                                   : from.is_number_integer() &&
                                                         std::in_range<T>(from.get<std::int64_t>());
      whole ? out = from.get<T>(), void() : wrong(where, "a whole number in range");
    }
  }
  template <typename T>
  requires requires(T& value, FieldReader& visit) { T::fields(value, visit); }
  void take(const Json& from, const std::string& where, T& out) {
    if (!from.is_object()) {
      return wrong(where, "an object");
    }
    FieldReader inner{from, where, {}};
    T::fields(out, inner);
    trouble = trouble.empty() ? inner.trouble : trouble;
  }
  template <typename T>
  void take(const Json& from, const std::string& where, std::optional<T>& out) {
    take(from, where, out.emplace());
  }
  template <typename T>
  void take(const Json& from, const std::string& where, std::vector<T>& out) {
    if (!from.is_array()) {
      return wrong(where, "an array");
    }
    for (std::size_t i = 0; i < from.size(); ++i) {
      take(from[i], where + "[" + std::to_string(i) + "]", out.emplace_back());
    }
  }
  template <typename T>
  void take(const Json& from, const std::string& where, std::map<std::string, T>& out) {
    if (!from.is_object()) {
      return wrong(where, "an object");
    }
    for (const auto& [name, item] : from.items()) {
      take(item, where + "." + name, out[name]);
    }
  }
  template <typename A, typename B>
  void take(const Json& from, const std::string& where, std::pair<A, B>& out) {
    if (!from.is_array() || from.size() != 2) {
      return wrong(where, "a pair");
    }
    take(from[0], where + "[0]", out.first);
    take(from[1], where + "[1]", out.second);
  }
};

constexpr const char* kSchema = "toolkit.gpu-facts/1";
}  // namespace

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
