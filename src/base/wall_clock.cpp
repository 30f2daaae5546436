#include <toolkit/base/wall_clock.hpp>

#include <fmt/core.h>

#include <ctime>

namespace toolkit {

// Calendar arithmetic of our own for UTC: gmtime_r(3) would read /etc/localtime first.
std::string utc_text(WallTime time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<milliseconds>(time - day));
  std::string text = "0000-00-00T00:00:00.000Z";
  const auto put = [&](std::size_t at, std::size_t width, auto number) {
    auto rest = static_cast<unsigned>(number);
    for (std::size_t i = at + width; i > at; rest /= 10) {
      text[--i] = static_cast<char>('0' + rest % 10);
    }
  };
  put(0, 4, static_cast<int>(date.year()));
  put(5, 2, static_cast<unsigned>(date.month()));
  put(8, 2, static_cast<unsigned>(date.day()));
  put(11, 2, clock.hours().count());
  put(14, 2, clock.minutes().count());
  put(17, 2, clock.seconds().count());
  put(20, 3, clock.subseconds().count());
  return text;
}

std::string stamp_text(WallTime time, bool utc) {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm t{};
  utc ? ::gmtime_r(&seconds, &t) : ::localtime_r(&seconds, &t);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", t.tm_year + 1900, t.tm_mon + 1,
                     t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

}  // namespace toolkit
