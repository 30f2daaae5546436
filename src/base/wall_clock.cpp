#include <toolkit/base/wall_clock.hpp>

#include <fmt/core.h>

#include <ctime>

namespace toolkit {
namespace {

std::tm calendar(WallTime time, bool utc) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm fields{};
  utc ? ::gmtime_r(&seconds, &fields) : ::localtime_r(&seconds, &fields);
  return fields;
}

}  // namespace

std::string utc_text(WallTime time) {
  using namespace std::chrono;
  const WallTime whole = floor<seconds>(time);
  const std::tm t = calendar(whole, true);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", t.tm_year + 1900, t.tm_mon + 1,
                     t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec,
                     duration_cast<milliseconds>(time - whole).count());
}

std::string stamp_text(WallTime time, bool utc) {
  const std::tm t = calendar(std::chrono::floor<std::chrono::seconds>(time), utc);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", t.tm_year + 1900, t.tm_mon + 1,
                     t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

}  // namespace toolkit
