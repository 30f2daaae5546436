#include "leaf.hpp"

#include "suggestion.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::condition {
namespace {

constexpr std::string_view kOperatorCharacters = "=!~<>";
constexpr std::string_view kOperators = "the operators are = != ~ < <= > >=";

bool takes_the_rest(std::string_view scheme) { return scheme == "exec" || scheme == "log"; }

// Most often two conditions in one operand, or a blank that was meant to belong to the target.
tl::unexpected<Mistake> not_a_parameter(const Cursor& cursor, const Piece& key) {
  const std::string_view typed = cursor.text().substr(key.offset, key.length);
  std::string remedy = "a blank in a target is written as '\\ ', or the target in quotes";
  if (typed.find(':') != std::string_view::npos) {
    remedy = cursor.in_brackets() ? "put a comma between two conditions"
                                  : "give each condition as an operand of its own";
  } else if (typed == "and" || typed == "or" || typed == "&&" || typed == "||") {
    remedy = suggest_scheme(typed);
  }
  return cursor.mistake(key.offset, key.length,
                        fmt::format("{} is not KEY=VALUE", in_quotes(typed)), std::move(remedy));
}

Parsed<Piece> read_key(Cursor& cursor) {
  auto key = cursor.read_text(kOperatorCharacters);
  if (!key) {
    return key;
  }
  if (key->text.empty()) {
    return cursor.mistake(key->offset, std::max<std::size_t>(key->length, 1),
                          "a parameter without a key", "write KEY=VALUE");
  }
  // A URL that stands where a parameter should: its first = is not one. (In quotes it is a key.)
  const bool as_typed = key->length == key->text.size();
  if (as_typed && key->text.find("://") != std::string::npos) {
    return not_a_parameter(cursor, *key);
  }
  return key;
}

// Two characters that look like one operator are a slip; only after ~, which a regular expression
// follows, most of them may begin the value.
bool is_followed_by_a_slip(std::string_view op, std::string_view value) {
  return value.find_first_of(op == "~" ? "=" : "=~<>") == 0;
}

Parsed<std::string> read_operator(Cursor& cursor, const Piece& key) {
  constexpr std::array<std::string_view, 7> kLongestFirst{"!=", "<=", ">=", "=", "~", "<", ">"};
  const std::string_view rest = cursor.text().substr(cursor.at());
  const std::string_view run =
      rest.substr(0, std::min(rest.find_first_not_of(kOperatorCharacters), rest.size()));
  if (run.empty()) {
    return not_a_parameter(cursor, key);
  }
  const auto* const op = std::ranges::find_if(
      kLongestFirst, [&](std::string_view known) { return rest.starts_with(known); });
  if (op == kLongestFirst.end() || is_followed_by_a_slip(*op, rest.substr(op->size()))) {
    return cursor.mistake(cursor.at(), run.size(),
                          fmt::format("{} is not an operator", in_quotes(run)),
                          fmt::format("{}; put quotes around a value that begins so", kOperators));
  }
  cursor.skip(op->size());
  return std::string(*op);
}

Parsed<Parameter> read_parameter(Cursor& cursor) {
  Parameter parameter;
  auto key = read_key(cursor);
  if (!key) {
    return tl::unexpected(std::move(key).error());
  }
  parameter.key = *std::move(key);
  cursor.skip_blanks();
  auto op = read_operator(cursor, parameter.key);
  if (!op) {
    return tl::unexpected(std::move(op).error());
  }
  parameter.op = *std::move(op);
  const std::size_t end = cursor.at();
  cursor.skip_blanks();
  if (cursor.at_end_of_expression()) {
    return cursor.mistake(parameter.key.offset, end - parameter.key.offset,
                          fmt::format("{} has no value", in_quotes(parameter.key.text)),
                          "write it behind the operator, '' for an empty one");
  }
  auto value = cursor.read_text();
  if (!value) {
    return tl::unexpected(std::move(value).error());
  }
  parameter.value = *std::move(value);
  return parameter;
}

Parsed<Piece> read_target(Cursor& cursor, const Piece& scheme) {
  auto target = takes_the_rest(scheme.text) ? cursor.read_rest() : cursor.read_text();
  if (target && target->text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return cursor.mistake(scheme.offset, scheme.length + 1,
                          fmt::format("{}: has no target", scheme.text),
                          "write what is waited for right behind the colon");
  }
  return target;
}

}  // namespace

Parsed<Leaf> read_leaf(Cursor& cursor) {
  Leaf leaf;
  leaf.operand = cursor.operand();
  const std::string_view name = cursor.name();
  // Without regard to case, as the schemes of URLs (RFC 3986, 3.1).
  leaf.scheme = Piece{lower_case(name), cursor.at(), name.size()};
  cursor.skip(name.size() + 1);
  auto target = read_target(cursor, leaf.scheme);
  if (!target) {
    return tl::unexpected(std::move(target).error());
  }
  leaf.target = *std::move(target);
  std::size_t end = leaf.target.offset + leaf.target.length;
  for (cursor.skip_blanks(); !cursor.at_end_of_expression(); cursor.skip_blanks()) {
    auto parameter = read_parameter(cursor);
    if (!parameter) {
      return tl::unexpected(std::move(parameter).error());
    }
    leaf.parameters.push_back(*std::move(parameter));
    end = cursor.at();
  }
  leaf.text = cursor.text().substr(leaf.scheme.offset, end - leaf.scheme.offset);
  return leaf;
}

}  // namespace toolkit::condition
