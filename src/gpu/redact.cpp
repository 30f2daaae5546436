#include "redact_text.hpp"

#include <toolkit/gpu/redact.hpp>

#include <algorithm>
#include <array>
#include <type_traits>

namespace toolkit::gpu {
namespace {

// Variables whose value is a place and nothing that a rule reads.
bool names_a_place(std::string_view name) {
  constexpr std::array<std::string_view, 7> kParts{"ADDR",   "COMM_ID", "HOST", "NODELIST",
                                                   "SERVER", "URL",     "USER"};
  return std::ranges::any_of(
      kParts, [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

// A visitor of fields(): every string of the facts, with the name of what it belongs to.
struct StringVisitor {
  TextRedactor& redactor;

  template <typename T>
  void operator()(std::string_view name, T& value) {
    take(name, value);
  }

 private:
  void take(std::string_view name, std::string& text) {
    if (name == "serial" || name == "unique_id" || name == "fabric.cluster") {
      text = redactor.name(text);
    } else {
      text = redactor.text(text);
      hide_serial(text);
    }
  }
  // The driver's log: "GPU Board Serial Number: 1324…"
  void hide_serial(std::string& text) {
    constexpr std::string_view kLabel = "Serial Number: ";
    for (auto at = text.find(kLabel); at != std::string::npos; at = text.find(kLabel, at + 1)) {
      const std::size_t begin = at + kLabel.size();
      const std::size_t length = std::min(text.find_first_of(" \n", begin), text.size()) - begin;
      text.replace(begin, length, redactor.name(text.substr(begin, length)));
    }
  }
  template <typename T>
  requires std::is_arithmetic_v<T>
  void take(std::string_view, T&) {}
  template <typename T>
  requires requires(T& value, StringVisitor& visit) { T::fields(value, visit); }
  void take(std::string_view, T& value) { T::fields(value, *this); }
  template <typename T>
  void take(std::string_view name, std::optional<T>& value) {
    if (value) {
      take(name, *value);
    }
  }
  template <typename T>
  void take(std::string_view name, std::vector<T>& list) {
    for (T& item : list) {
      take(name, item);
    }
  }
  template <typename T>
  void take(std::string_view name, std::map<std::string, T>& map) {
    for (auto& [key, item] : map) {
      if constexpr (std::is_same_v<T, std::string>) {
        item = name == "variables" && names_a_place(key) ? "redacted" : item;
      }
      take(key, item);
    }
  }
  template <typename A, typename B>
  void take(std::string_view name, std::pair<A, B>& pair) {
    take(name, pair.first);
    take(name, pair.second);
  }
};

}  // namespace

void redact(Facts& facts, const std::vector<std::string>& host_names) {
  TextRedactor redactor(host_names);
  StringVisitor visit{redactor};
  Facts::fields(facts, visit);
}

}  // namespace toolkit::gpu
