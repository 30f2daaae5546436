#include "host_expression.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace toolkit::cluster {
namespace {

constexpr std::size_t kMostRanges = 262'144;  // MAX_RANGES of Slurm

/// As strtoul reads: blanks and a plus before the digits, and whatever behind them.
struct Number {
  std::uint64_t value = 0;
  std::string_view rest;
};
std::optional<Number> number_at(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size()));
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  Number number;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number.value, 10);
  if (error != std::errc{}) {
    return std::nullopt;
  }
  number.rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return number;
}

Result<Range> range_of(std::string_view whole, std::string_view text) {
  const auto dash = text.find('-');
  const auto first = text.substr(0, dash);
  const auto low = number_at(first);
  if (text.find('x') != std::string_view::npos || !low) {
    return bad_host_list(whole, text, "no range of numbers");
  }
  Range range{low->value, low->value, first.size()};
  auto rest = low->rest;
  // "5-" is 5, and what stands between the first number and the dash is not looked at.
  if (dash != std::string_view::npos && dash + 1 < text.size()) {
    const auto high = number_at(text.substr(dash + 1));
    if (!high) {
      return bad_host_list(whole, text, "no range of numbers");
    }
    range.high = high->value;
    rest = high->rest;
  }
  if (!rest.empty()) {
    return bad_host_list(whole, text, "no range of numbers");
  }
  if (range.low > range.high) {
    return bad_host_list(whole, text, "a range that runs backwards");
  }
  if (range.high - range.low >= kLongestRange) {
    return bad_host_list(whole, text, "a range of more than 65536 hosts");
  }
  return range;
}

Result<std::vector<Range>> ranges_of(std::string_view whole, std::string_view text) {
  std::vector<Range> ranges;
  for (const auto part : split(text, ',')) {
    if (ranges.size() == kMostRanges) {
      return bad_host_list(whole, part, "more than 262144 ranges in a bracket");
    }
    TRY_ASSIGN(const Range range, range_of(whole, part));
    ranges.push_back(range);
  }
  return ranges;
}

/// The brackets in front of the last one, found from behind as Slurm finds them. What has no
/// bracket that closes it is text.
Result<void> take_earlier_groups(std::string_view whole, HostWord& word) {
  while (true) {
    const auto open = word.head.rfind('[');
    const auto close = word.head.rfind(']');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
      break;
    }
    Group group;
    group.text = word.head.substr(close + 1);
    const auto inside = word.head.substr(open + 1, close - open - 1);
    TRY_ASSIGN(group.ranges, ranges_of(whole, inside));
    std::uint64_t hosts = 0;
    for (const auto& range : group.ranges) {
      hosts += range.high - range.low + 1;
    }
    if (hosts > kLongestRange) {
      return bad_host_list(whole, inside, "more than 65536 names before another bracket");
    }
    word.head = word.head.substr(0, open);
    word.groups.push_back(std::move(group));
  }
  std::ranges::reverse(word.groups);
  return {};
}

}  // namespace

std::size_t host_word_size(std::string_view text, std::string_view separators) {
  std::size_t from = 0;
  std::size_t end = 0;
  while (true) {
    end = std::min(text.find_first_of(separators, end), text.size());
    while (true) {
      const auto open = text.substr(0, end).find('[', from);
      const auto close = open == std::string_view::npos ? open : text.find(']', from);
      if (close == std::string_view::npos || close < open) {
        return end;
      }
      if (close >= end) {
        end = close;
        break;
      }
      from = close + 1;
    }
  }
}

Result<HostWord> parse_host_word(std::string_view whole, std::string_view text,
                                 HostGrammar grammar) {
  HostWord word{text, {}, {}};
  const auto open = text.rfind('[');
  if (open == std::string_view::npos) {
    return word;
  }
  word.head = text.substr(0, open);
  const auto inside = text.substr(open + 1);
  const auto close = inside.find(']');
  if (close == std::string_view::npos && grammar == HostGrammar::slurm_22) {
    return open > 0 ? HostWord{word.head, {}, "]"} : HostWord{inside, {}, {}};
  }
  if (close == std::string_view::npos) {
    return bad_host_list(whole, text, "a bracket that is not closed");
  }
  Group last;
  last.text = inside.substr(close + 1);
  if (grammar == HostGrammar::slurm_22 && !last.text.empty()) {
    return bad_host_list(whole, last.text,
                         "text behind the last bracket, which Slurm 22.05 does not take");
  }
  TRY_ASSIGN(last.ranges, ranges_of(whole, inside.substr(0, close)));
  TRY(take_earlier_groups(whole, word));
  word.groups.push_back(std::move(last));
  return word;
}

Failure bad_host_list(std::string_view whole, std::string_view part, std::string_view reason) {
  constexpr std::size_t kShown = 60;
  const auto shown = [](std::string_view text) {
    return text.size() > kShown ? printable(text.substr(0, kShown)) + "…" : printable(text);
  };
  return fail(ErrorKind::usage, fmt::format("host list {}: {}: '{}' at byte {}", shown(whole),
                                            reason, shown(part), part.data() - whole.data() + 1));
}

}  // namespace toolkit::cluster
