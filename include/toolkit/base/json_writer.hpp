#pragma once
// Appends one JSON value to a string without building a tree: for records, events and log lines,
// which are written often and on the way of starting a child. Reading JSON is nlohmann's work.

#include <cstdint>
#include <string>
#include <string_view>

namespace toolkit {

/// Appends `text` as a JSON string with its quotes. Bytes that are not valid UTF-8 become U+FFFD,
/// so the result always parses; control characters are escaped.
void append_json_string(std::string& out, std::string_view text);

/// Writes objects and arrays in the order of the calls; commas are its business, nesting is yours.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool truth);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  /// Fixed point with `digits` decimals; null for what JSON cannot say (NaN, infinity).
  JsonWriter& value(double number, int digits = 3);
  JsonWriter& null();
  template <typename T>
  JsonWriter& field(std::string_view name, const T& item) {
    return key(name).value(item);
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void comma();
  std::string& out_;
  bool need_comma_ = false;
};

}  // namespace toolkit
