#include <toolkit/base/wall_clock.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>

using namespace toolkit;
using std::chrono::milliseconds;

namespace {

// 2021-07-04T15:50:26.123Z
constexpr long long kMoment = 1625413826123;
WallTime at(long long ms) { return WallTime(milliseconds(ms)); }

}  // namespace

TEST_CASE("UTC times are RFC 3339 with milliseconds") {
  CHECK(utc_text(at(kMoment)) == "2021-07-04T15:50:26.123Z");
  CHECK(utc_text(at(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(utc_text(at(951'782'399'999)) == "2000-02-28T23:59:59.999Z");
  CHECK(utc_text(at(951'782'400'000)) == "2000-02-29T00:00:00.000Z");
}

TEST_CASE("a time before 1970 is rounded down, not towards zero") {
  CHECK(utc_text(at(-1)) == "1969-12-31T23:59:59.999Z");
  CHECK(stamp_text(at(-1), true) == "1969-12-31 23:59:59");
}

TEST_CASE("stamps are in local time unless UTC is asked for") {
  const char* const before = std::getenv("TZ");
  const std::string zone = before != nullptr ? before : "";
  ::setenv("TZ", "UTC-5:30", 1);  // POSIX: five and a half hours east
  ::tzset();
  CHECK(stamp_text(at(kMoment)) == "2021-07-04 21:20:26");
  CHECK(stamp_text(at(kMoment), true) == "2021-07-04 15:50:26");
  before != nullptr ? ::setenv("TZ", zone.c_str(), 1) : ::unsetenv("TZ");
  ::tzset();
}
