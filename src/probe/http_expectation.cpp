#include "http_expectation.hpp"

#include "schemes.hpp"
#include "values.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace toolkit::probe {
namespace {

using condition::Leaf;
using condition::Mistake;
using condition::Parameter;
using Wrong = std::optional<Mistake>;

constexpr std::string_view kHeader = "header:", kJson = "json:";
constexpr unsigned kLeastStatus = 100, kGreatestStatus = 999;

std::optional<unsigned> parse_status(std::string_view text) {
  const auto number = parse_whole(text);
  return number && *number >= kLeastStatus && *number <= kGreatestStatus
             ? std::optional(static_cast<unsigned>(*number))
             : std::nullopt;
}

// "200", "200-299", "2xx".
std::optional<HttpExpectation::Range> parse_range(std::string_view text) {
  if (text.size() == 3 && text[0] >= '1' && text[0] <= '9' && text.substr(1) == "xx") {
    const auto hundreds = static_cast<unsigned>(text[0] - '0') * 100U;
    return HttpExpectation::Range{hundreds, hundreds + 99};
  }
  const auto dash = text.find('-');
  const auto first = parse_status(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_status(text.substr(dash + 1));
  return first && last && *first <= *last ? std::optional(HttpExpectation::Range{*first, *last})
                                          : std::nullopt;
}

// One of these operators, or a mistake at the whole parameter.
Wrong wants_one_of(const Leaf& leaf, const Parameter& parameter,
                   std::initializer_list<std::string_view> operators) {
  if (std::ranges::find(operators, std::string_view(parameter.op)) != operators.end()) {
    return std::nullopt;
  }
  return wants_operator(leaf, parameter, *operators.begin());
}

Wrong read_status(const Leaf& leaf, const Parameter& parameter, HttpExpectation& expectation) {
  expectation.statuses.clear();
  expectation.statuses_excluded = parameter.op == "!=";
  for (const std::string_view part : split(parameter.value.text, ',')) {
    const auto range = parse_range(trim(part));
    if (!range) {
      return mistake(leaf, parameter.value,
                     fmt::format("'{}' is no HTTP status", printable(part.substr(0, 40))),
                     "as in status=200, status=200-299, status=2xx or status=200,404")
          .value();
    }
    expectation.statuses.push_back(*range);
  }
  return wants_one_of(leaf, parameter, {"=", "!="});
}

tl::expected<Comparison, Mistake> comparison_of(const Leaf& leaf, const Parameter& parameter) {
  Comparison comparison{parameter.op, parameter.value.text, {}};
  if (parameter.op == "~") {
    auto pattern = pattern_of(leaf, parameter.value);
    if (!pattern) {
      return tl::unexpected(std::move(pattern).error());
    }
    comparison.pattern = std::move(*pattern);
  }
  return comparison;
}

Wrong read_field(const Leaf& leaf, const Parameter& parameter, HttpExpectation& expectation) {
  const std::string_view key = parameter.key.text;
  const bool any = key == "header";
  if (auto wrong = any ? wants_operator(leaf, parameter, "~")
                       : wants_one_of(leaf, parameter, {"=", "!=", "~"})) {
    return wrong;
  }
  auto comparison = comparison_of(leaf, parameter);
  if (!comparison) {
    return std::move(comparison).error();
  }
  expectation.fields.push_back(
      {any ? std::string() : std::string(key.substr(kHeader.size())), std::move(*comparison)});
  return std::nullopt;
}

Wrong read_body(const Leaf& leaf, const Parameter& parameter, HttpExpectation& expectation) {
  if (auto wrong = wants_operator(leaf, parameter, "~")) {
    return wrong;
  }
  auto pattern = pattern_of(leaf, parameter.value);
  if (!pattern) {
    return std::move(pattern).error();
  }
  expectation.bodies.push_back(std::move(*pattern));
  return std::nullopt;
}

bool is_pointer(const std::string& text) try {
  return nlohmann::json::json_pointer(text).empty() == text.empty();
} catch (const nlohmann::json::exception&) {
  return false;
}

Wrong read_json(const Leaf& leaf, const Parameter& parameter, HttpExpectation& expectation) {
  std::string pointer = parameter.key.text.substr(kJson.size());
  if (!is_pointer(pointer)) {
    return mistake(leaf, parameter.key, "what follows json: is a JSON pointer (RFC 6901)",
                   "as in json:/status=ok or json:/checks/0/state=up")
        .value();
  }
  auto comparison = comparison_of(leaf, parameter);
  if (!comparison) {
    return std::move(comparison).error();
  }
  expectation.json.push_back({std::move(pointer), std::move(*comparison)});
  return std::nullopt;
}

Wrong read(const Leaf& leaf, const Parameter& parameter, HttpExpectation& expectation) {
  const std::string_view key = parameter.key.text;
  if (key == "status") {
    return read_status(leaf, parameter, expectation);
  }
  if (key == "body") {
    return read_body(leaf, parameter, expectation);
  }
  return key.starts_with(kJson) ? read_json(leaf, parameter, expectation)
                                : read_field(leaf, parameter, expectation);
}

}  // namespace

bool is_http_expectation(std::string_view key) {
  return key == "status" || key == "header" || key == "body" || key.starts_with(kJson) ||
         (key.starts_with(kHeader) && key.size() > kHeader.size());
}

tl::expected<HttpExpectation, Mistake> http_expectation(const Leaf& leaf) {
  HttpExpectation expectation;
  for (const Parameter& parameter : leaf.parameters) {
    if (is_http_expectation(parameter.key.text)) {
      if (auto wrong = read(leaf, parameter, expectation)) {
        return tl::unexpected(std::move(*wrong));
      }
    }
  }
  return expectation;
}

}  // namespace toolkit::probe
