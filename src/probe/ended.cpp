#include "ended.hpp"

#include "schemes.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::probe {
namespace {

std::optional<int> code_of(std::string_view text) {
  const auto number = parse_whole(trim(text));
  return number && *number <= 255 ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

// "7" or "10-19"
std::optional<std::pair<int, int>> range_of(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = code_of(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : code_of(text.substr(dash + 1));
  return first && last && *first <= *last ? std::optional(std::pair(*first, *last)) : std::nullopt;
}

}  // namespace

tl::expected<WantedCodes, condition::Mistake> WantedCodes::parse(const condition::Leaf& leaf) {
  WantedCodes wanted;
  const condition::Parameter* parameter = leaf.find("code");
  if (parameter == nullptr) {
    return wanted;
  }
  wanted.text_ = parameter->value.text;
  for (const std::string_view part : split(wanted.text_, ',')) {
    const auto range = range_of(part);
    if (!range || parameter->op != "=") {
      return mistake(leaf, parameter->value,
                     fmt::format("'{}' is no list of exit codes", printable(wanted.text_)),
                     "code=0, code=0-9 or code=0,3,10-19, each from 0 to 255");
    }
    wanted.ranges_.push_back(*range);
  }
  return wanted;
}

Finding WantedCodes::judge(int code, std::string words) const {
  if (ranges_.empty()) {
    return {true, true, Reason::over, std::move(words), code};
  }
  const bool met = std::ranges::any_of(ranges_, [code](const std::pair<int, int>& range) {
    return range.first <= code && code <= range.second;
  });
  if (!met) {
    return {false, true, Reason::over, fmt::format("{}, not {}", words, text_), code};
  }
  return {true, true, Reason::over, std::move(words), code == 0 ? std::optional(0) : std::nullopt};
}

Finding WantedCodes::judge_unknown(std::string words) const {
  constexpr int kUnknownCode = 3;
  const bool met = ranges_.empty();
  return {met, true, met ? Reason::over : Reason::unknown, std::move(words), kUnknownCode};
}

std::string end_words(const process::WaitStatus& status) {
  return status.signal() != 0 ? status.words() : fmt::format("exited {}", status.exit_code());
}

}  // namespace toolkit::probe
