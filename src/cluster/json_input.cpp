#include "json_input.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace toolkit::cluster {
namespace {

constexpr std::size_t kDeepest = 64;
constexpr std::size_t kLongest = 1U << 20U;

/// Takes the parser's events. It never throws: errors arrive as an event too.
class Builder {
 public:
  bool null() { return put(JsonInput::Kind::null, ""); }
  bool boolean(bool value) { return put(JsonInput::Kind::truth, value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { return number(fmt::format("{}", value)); }
  bool number_unsigned(std::uint64_t value) { return number(fmt::format("{}", value)); }
  bool number_float(double, const std::string& text) { return number(text); }
  bool string(std::string& text) { return put(JsonInput::Kind::text, std::move(text)); }
  bool binary(std::vector<std::uint8_t>&) { return false; }
  bool start_object(std::size_t) { return open(JsonInput::Kind::object); }
  bool start_array(std::size_t) { return open(JsonInput::Kind::list); }
  bool key(std::string& name) {
    key_ = std::move(name);
    return true;
  }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t byte, const std::string&, const nlohmann::json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while …"
    std::string_view words = error.what();
    if (const auto at = words.find(": "); at != words.npos) {
      words.remove_prefix(at + 2);
    }
    reason =
        fmt::format("{} at byte {}", printable(words.substr(0, words.find("; last read"))), byte);
    return false;
  }

  JsonInput root;
  std::string reason;

 private:
  JsonInput* place(JsonInput value) {
    if (open_.empty()) {
      root = std::move(value);
      return &root;
    }
    auto& members = open_.back()->members;
    members.push_back({std::exchange(key_, {}), std::move(value)});
    return &members.back().value;
  }
  bool put(JsonInput::Kind kind, std::string text) {
    place({kind, std::move(text), {}});
    return true;
  }
  bool number(std::string text) { return put(JsonInput::Kind::number, std::move(text)); }
  // Pointers to what is open stay good: its vector does not grow before it is closed.
  bool open(JsonInput::Kind kind) {
    if (open_.size() == kDeepest) {
      reason = fmt::format("more than {} levels deep", kDeepest);
      return false;
    }
    open_.push_back(place({kind, {}, {}}));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<JsonInput*> open_;
  std::string key_;
};

}  // namespace

const JsonInput* JsonInput::find(std::string_view name) const {
  if (kind == Kind::object) {
    for (const auto& [key, value] : members) {
      if (key == name) {
        return &value;
      }
    }
  }
  return nullptr;
}

std::vector<std::string> JsonInput::texts() const {
  std::vector<std::string> texts;
  for (const auto& [key, value] : members) {
    if (value.kind == Kind::text) {
      texts.push_back(value.text);
    }
  }
  return texts;
}

Result<JsonInput> parse_json(std::string_view text, std::string_view what) {
  if (text.size() > kLongest) {
    return fail(ErrorKind::usage, fmt::format("{}: longer than 1 MiB", what));
  }
  Builder builder;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    return fail(ErrorKind::usage, fmt::format("{}: {}", what, builder.reason));
  }
  return std::move(builder.root);
}

}  // namespace toolkit::cluster
