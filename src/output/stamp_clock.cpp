#include "stamp_clock.hpp"

#include <fmt/core.h>

#include <ctime>

namespace toolkit::output {
namespace {

std::tm calendar(std::chrono::sys_seconds second, bool utc) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(second);
  std::tm fields{};
  utc ? ::gmtime_r(&seconds, &fields) : ::localtime_r(&seconds, &fields);
  return fields;
}

}  // namespace

bool StampClock::set(WallTime now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  const std::chrono::nanoseconds fraction = style_.digits == 0 ? now - now : now - second;
  if (second == second_ && fraction == fraction_ && !text_.empty()) {
    return false;
  }
  if (second != second_ || text_.empty()) {
    write_second(second);
  }
  write_fraction(fraction);
  return true;
}

void StampClock::write_second(std::chrono::sys_seconds second) {
  const std::tm t = calendar(second, style_.utc);
  text_ = fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}", t.tm_year + 1900, t.tm_mon + 1,
                      t.tm_mday, style_.separator, t.tm_hour, t.tm_min, t.tm_sec);
  if (style_.digits > 0) {
    text_.append(1, '.').append(static_cast<std::size_t>(style_.digits), '0');
  }
  text_.append(style_.end);
  second_ = second;
}

void StampClock::write_fraction(std::chrono::nanoseconds fraction) {
  fraction_ = fraction;
  auto rest = fraction.count();
  for (int i = 9; i > style_.digits; --i) {
    rest /= 10;
  }
  std::size_t at = text_.size() - style_.end.size();
  for (int i = 0; i < style_.digits; ++i) {
    text_[--at] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
}

}  // namespace toolkit::output
