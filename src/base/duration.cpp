#include "number_with_unit.hpp"

#include <toolkit/base/duration.hpp>

#include <fmt/core.h>

#include <array>

namespace toolkit {
namespace {

constexpr long long kMaximumMilliseconds = 10LL * 366 * 24 * 3600 * 1000;

double milliseconds_per(std::string_view unit) {
  struct Unit {
    std::string_view name;
    double milliseconds;
  };
  static constexpr std::array kUnits{Unit{"ms", 1},     Unit{"s", 1e3},    Unit{"", 1e3},
                                     Unit{"m", 60e3},   Unit{"min", 60e3}, Unit{"h", 3600e3},
                                     Unit{"d", 86400e3}};
  for (const Unit& known : kUnits) {
    if (known.name == unit) {
      return known.milliseconds;
    }
  }
  return 0;
}

}  // namespace

Result<Milliseconds> parse_duration(std::string_view text) {
  const auto parsed = parse_number_with_unit(text);
  const double scale = parsed ? milliseconds_per(parsed->unit) : 0;
  if (scale == 0) {
    return fail(ErrorKind::usage, fmt::format("'{}' is not a duration", text),
                "write it as 500ms, 30s, 5m, 2h or 1d");
  }
  const double value = parsed->number * scale;
  if (value > static_cast<double>(kMaximumMilliseconds)) {
    return fail(ErrorKind::usage, fmt::format("'{}' is too long", text), "at most ten years");
  }
  return Milliseconds(static_cast<long long>(value + 0.5));
}

std::string format_duration(Milliseconds duration) {
  const long long ms = duration.count();
  struct Unit {
    long long milliseconds;
    const char* name;
  };
  for (const Unit unit : {Unit{3'600'000, "h"}, Unit{60'000, "m"}, Unit{1'000, "s"}}) {
    if (ms != 0 && ms % unit.milliseconds == 0) {
      return fmt::format("{}{}", ms / unit.milliseconds, unit.name);
    }
  }
  return ms == 0 ? "0s" : fmt::format("{}ms", ms);
}

std::string describe_duration(Milliseconds duration) {
  const long long ms = duration.count();
  if (ms < 1000) {
    return fmt::format("{}ms", ms);
  }
  if (ms < 60'000) {
    return fmt::format("{}.{:02}s", ms / 1000, ms % 1000 / 10);
  }
  const long long seconds = ms / 1000;
  if (seconds < 3600) {
    return fmt::format("{}m {:02}s", seconds / 60, seconds % 60);
  }
  if (seconds < 86400) {
    return fmt::format("{}h {:02}m", seconds / 3600, seconds % 3600 / 60);
  }
  return fmt::format("{}d {:02}h", seconds / 86400, seconds % 86400 / 3600);
}

}  // namespace toolkit
