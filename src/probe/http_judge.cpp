#include "http_expectation.hpp"

#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <strings.h>

#include <algorithm>
#include <charconv>

namespace toolkit::probe {
namespace {

using net::HttpResponse;
using nlohmann::json;

constexpr std::size_t kShown = 60;

Finding unmet(Reason reason, std::string words) {
  return {.reason = reason, .words = std::move(words), .exit_code = {}};
}

std::string shown(std::string_view text) {
  return printable(mask_secrets(trim(text.substr(0, kShown))));
}

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

// Numbers as numbers, so that 3 equals 3.0; all else as text.
bool compare(const std::string& found, const std::string& op, const std::string& wanted) {
  const auto left = number_of(found), right = number_of(wanted);
  const int order = left && right     ? (*left > *right) - (*left < *right)
                    : found == wanted ? 0
                    : left || right   ? 2
                    : found < wanted  ? -1
                                      : 1;
  if (op == "=" || op == "!=") {
    return (order == 0) == (op == "=");
  }
  if (order == 2) {
    return false;  // a number and a text have no order
  }
  const bool equal = order == 0 && op.ends_with('=');
  return equal || (op.starts_with('<') ? order < 0 : order > 0);
}

std::string_view field_value(const HttpResponse& response, const std::string& name, bool& found) {
  for (const auto& [field, value] : response.fields) {
    if (::strcasecmp(field.c_str(), name.c_str()) == 0) {
      found = true;
      return value;
    }
  }
  return {};
}

std::string status_words(const HttpResponse& response) {
  bool found = false;
  const std::string_view location = field_value(response, "location", found);
  return fmt::format("HTTP {}{}{}", response.status, found ? " to " : "", shown(location));
}

std::optional<Finding> judge_status(const HttpExpectation& expectation,
                                    const HttpResponse& response) {
  const bool listed =
      std::ranges::any_of(expectation.statuses, [&response](const HttpExpectation::Range& range) {
        return response.status >= range.first && response.status <= range.last;
      });
  if (listed != expectation.statuses_excluded) {
    return std::nullopt;
  }
  const bool denied = response.status == 401 || response.status == 403 || response.status == 407;
  return unmet(denied ? Reason::auth : Reason::status, status_words(response));
}

std::optional<Finding> judge_field(const HttpExpectation::Field& field,
                                   const HttpResponse& response) {
  if (field.name.empty()) {
    const bool matched = std::ranges::any_of(response.fields, [&field](const auto& each) {
      return field.comparison.holds(each.first + ": " + each.second);
    });
    return matched ? std::nullopt
                   : std::optional(unmet(Reason::status, fmt::format("HTTP {}, no header matches",
                                                                     response.status)));
  }
  bool found = false;
  const std::string value(field_value(response, field.name, found));
  if (field.comparison.holds(found ? std::optional(value) : std::nullopt)) {
    return std::nullopt;
  }
  return unmet(Reason::status,
               found ? fmt::format("HTTP {}, {}: {}", response.status, field.name, shown(value))
                     : fmt::format("HTTP {}, no {}", response.status, field.name));
}

// A plain value as text; objects and arrays are none, and their text could be as deep as the stack.
std::optional<std::string> text_of(const json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  return value.is_structured() ? std::nullopt : std::optional(value.dump());
}

std::optional<Finding> judge_json(const HttpExpectation::JsonValue& wanted, const json& document,
                                  unsigned status) {
  const json::json_pointer pointer(wanted.pointer);
  const json* value = document.contains(pointer) ? &document.at(pointer) : nullptr;
  const auto text = value != nullptr ? text_of(*value) : std::nullopt;
  if (wanted.comparison.holds(text)) {
    return std::nullopt;
  }
  return unmet(Reason::status, fmt::format("HTTP {}, {} {}", status, printable(wanted.pointer),
                                           text    ? "is " + shown(*text)
                                           : value ? "is no plain value"
                                                   : "is not there"));
}

std::optional<Finding> judge_document(const HttpExpectation& expectation,
                                      const HttpResponse& response) try {
  const json document = json::parse(response.body, nullptr, false);
  if (document.is_discarded()) {
    return unmet(Reason::protocol, fmt::format("HTTP {}, {}", response.status,
                                               response.body_cut ? "the body is longer than 1 MiB"
                                                                 : "the body is not JSON"));
  }
  for (const auto& wanted : expectation.json) {
    if (auto finding = judge_json(wanted, document, response.status)) {
      return finding;
    }
  }
  return std::nullopt;
} catch (const std::exception& error) {  // an index of a pointer that is too large for an array
  return unmet(Reason::status, fmt::format("HTTP {}, {}", response.status, shown(error.what())));
}

}  // namespace

bool Comparison::holds(const std::optional<std::string>& found) const {
  if (!found) {
    return op == "!=";
  }
  return pattern ? pattern->found_in_lines(*found) : compare(*found, op, value);
}

Finding judge(const HttpExpectation& expectation, const HttpResponse& response) {
  if (auto finding = judge_status(expectation, response)) {
    return *finding;
  }
  for (const auto& field : expectation.fields) {
    if (auto finding = judge_field(field, response)) {
      return *finding;
    }
  }
  for (const Pattern& pattern : expectation.bodies) {
    if (!pattern.found_in_lines(response.body)) {
      return unmet(Reason::status,
                   fmt::format("HTTP {}, the body does not match", response.status));
    }
  }
  if (!expectation.json.empty()) {
    if (auto finding = judge_document(expectation, response)) {
      return *finding;
    }
  }
  return {.met = true, .words = fmt::format("HTTP {}", response.status), .exit_code = {}};
}

}  // namespace toolkit::probe
