#include "host_expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace toolkit::cluster {
namespace {

/// Hosts that follow each other, or one name without a number (width 0).
struct Run {
  std::string_view prefix;
  std::uint64_t low = 0, high = 0;
  std::size_t width = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Run run_of(std::string_view name) {
  constexpr std::size_t kSafeDigits = 19;  // fewer than 2^64 in any case
  auto digits = name.size();
  while (digits > 0 && is_digit(name[digits - 1])) {
    --digits;
  }
  const auto width = name.size() - digits;
  if (width == 0 || width > kSafeDigits || name.find_first_of("[], \t\n") != name.npos) {
    return {name};
  }
  Run run{name.substr(0, digits), 0, 0, width};
  std::from_chars(name.data() + digits, name.data() + name.size(), run.low);
  run.high = run.low;
  return run;
}

bool same_bracket(const Run& one, const Run& other) {
  return one.width > 0 && other.width > 0 && one.prefix == other.prefix;
}

/// Whether `next` goes on where `run` ends and looks the same when it is written with its width.
bool continues(const Run& run, const Run& next) {
  const auto digits = fmt::formatted_size("{}", next.low);
  const bool same_width = std::max(run.width, digits) == std::max(next.width, digits);
  return same_bracket(run, next) && next.low == run.high + 1 && same_width &&
         run.high - run.low + 1 < kLongestRange;
}

void write_numbers(const Run& run, std::string& text) {
  fmt::format_to(std::back_inserter(text), "{:0{}}", run.low, run.width);
  if (run.high > run.low) {
    fmt::format_to(std::back_inserter(text), "-{:0{}}", run.high, run.width);
  }
}

}  // namespace

std::string fold_hosts(const std::vector<std::string>& hosts) {
  std::vector<Run> runs;
  for (const auto& host : hosts) {
    const auto run = run_of(host);
    if (!runs.empty() && continues(runs.back(), run)) {
      runs.back().high = run.low;
    } else {
      runs.push_back(run);
    }
  }
  std::string text;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    text.append(text.empty() ? "" : ",").append(runs[i].prefix);
    if (runs[i].width == 0) {
      continue;
    }
    const bool alone = i + 1 == runs.size() || !same_bracket(runs[i], runs[i + 1]);
    const bool bracket = !alone || runs[i].high > runs[i].low;
    text.append(bracket ? "[" : "");
    write_numbers(runs[i], text);
    while (i + 1 < runs.size() && same_bracket(runs[i], runs[i + 1])) {
      text.push_back(',');
      write_numbers(runs[++i], text);
    }
    text.append(bracket ? "]" : "");
  }
  return text;
}

}  // namespace toolkit::cluster
