#include <doctest/doctest.h>
#include <src/store/s3_text.hpp>

#include <string>

using namespace toolkit::store;

TEST_CASE("times of listings are nanoseconds since 1970") {
  CHECK(parse_s3_time("1970-01-01T00:00:00Z") == 0);
  CHECK(parse_s3_time("2026-11-23T12:29:26.883Z") == 1'795'436'966'883'000'000);
  CHECK(parse_s3_time("2024-02-29T23:59:59.000000001Z") == 1'709'251'199'000'000'001);
  for (const char* bad : {"", "2026-11-23", "2026-11-23T12:29:26", "2026-11-23T12:29:26+01:00",
                          "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-23T24:00:00Z",
                          "2026-11-23 12:29:26Z", "0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z",
                          "2026-11-23T12:29:26.Z", "2026-11-23T12:29:26.x3Z",
                          "2026-11-23T-1:29:26Z", "2026-11-23T12:29:26,5Z"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_s3_time(bad));
  }
}

TEST_CASE("a file's time survives as text to the nanosecond, before 1970 too") {
  for (const std::int64_t time :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{1'795'436'966'883'000'001},
        std::int64_t{-1'500'000'000}, INT64_MAX / 2}) {
    CHECK(parse_time_text(time_text(time)) == time);
  }
  CHECK(time_text(1'500'000'000) == "1.500000000");
  CHECK(time_text(INT64_MIN) == "-9223372036.854775808");
}

TEST_CASE("times that other tools wrote are read, and what is none is not") {
  CHECK(parse_time_text("1612345678") == 1'612'345'678'000'000'000);
  CHECK(parse_time_text("1612345678.5") == 1'612'345'678'500'000'000);
  CHECK(parse_time_text("1612345678.1234567891") == 1'612'345'678'123'456'789);
  for (const char* bad :
       {"", "-", ".5", "1.", "1.-5", "+1", "1e9", "99999999999999999999", " 1", "9223372037"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_time_text(bad));
  }
}

TEST_CASE("tags lose their quotes, and are MD5 only where they look like one") {
  CHECK(bare_tag("\"abc\"") == "abc");
  CHECK(bare_tag("W/\"abc\"") == "abc");
  CHECK(bare_tag("abc") == "abc");
  CHECK(bare_tag("\"") == "\"");
  CHECK(bare_tag("") == "");
  CHECK(tag_md5("00ff102030405060708090a0b0c0d0E0")->substr(0, 3) ==
        std::string("\x00\xff\x10", 3));
  CHECK_FALSE(tag_md5("00ff102030405060708090a0b0c0d0e0-2"));
  CHECK_FALSE(tag_md5("00ff102030405060708090a0b0c0d0g0"));
  CHECK_FALSE(tag_md5(""));
}

TEST_CASE("escaped keys are undone once") {
  CHECK(unescape_key("a%20b%2Bc+d") == "a b+c d");
  CHECK(unescape_key("%25%32%35") == "%25");
  CHECK(unescape_key("x%01y") == "x\x01y");
  CHECK(unescape_key("%") == "%");
  CHECK(unescape_key("%4") == "%4");
  CHECK(unescape_key("%zz") == "%zz");
}
