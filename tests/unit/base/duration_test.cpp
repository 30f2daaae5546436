#include <toolkit/base/duration.hpp>

#include <doctest/doctest.h>

#include <random>

using toolkit::describe_duration;
using toolkit::format_duration;
using toolkit::Milliseconds;
using toolkit::parse_duration;

TEST_CASE("durations are read in every unit") {
  struct Case {
    const char* text;
    long long milliseconds;
  };
  for (const Case& item : {Case{"500ms", 500},
                           {"30s", 30'000},
                           {"30", 30'000},
                           {"0", 0},
                           {"5m", 300'000},
                           {"5min", 300'000},
                           {"2h", 7'200'000},
                           {"1d", 86'400'000},
                           {"1.5s", 1500},
                           {"0.25h", 900'000},
                           {"0.0004s", 0},
                           {"1.0006s", 1001},
                           {"007s", 7000},
                           {"3660d", 316'224'000'000}}) {
    CAPTURE(item.text);
    CHECK(parse_duration(item.text) == Milliseconds(item.milliseconds));
  }
}

TEST_CASE("what is no duration is refused with the accepted forms") {
  for (const char* text : {"", " ", "s", "-1s", "+1s", "1 s", "1s ", "1S", "1.5.2s", "1e3s", "0x10",
                           "1y", ".5s", "5.s", "5.", "inf", "nan", "1ss", "\xC2\xB5s"}) {
    CAPTURE(text);
    const auto result = parse_duration(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == toolkit::ErrorKind::usage);
    CHECK(result.error().remedy.find("30s") != std::string::npos);
  }
}

TEST_CASE("durations beyond ten years are refused") {
  for (const char* text : {"3661d", "1000000000000000h", "99999999999999999999999999999999999d"}) {
    CAPTURE(text);
    CHECK(parse_duration(text).error().message == "'" + std::string(text) + "' is too long");
  }
  const std::string endless(400, '9');
  CHECK(parse_duration(endless).error().message.ends_with("is too long"));
}

TEST_CASE("a duration is written in its largest whole unit") {
  CHECK(format_duration(Milliseconds(0)) == "0s");
  CHECK(format_duration(Milliseconds(500)) == "500ms");
  CHECK(format_duration(Milliseconds(1500)) == "1500ms");
  CHECK(format_duration(Milliseconds(30'000)) == "30s");
  CHECK(format_duration(Milliseconds(90'000)) == "90s");
  CHECK(format_duration(Milliseconds(7'200'000)) == "2h");
}

TEST_CASE("what format_duration writes, parse_duration reads back") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const Milliseconds duration(
        static_cast<long long>((random() >> (random() % 64)) % 316'000'000'000));
    CHECK(parse_duration(format_duration(duration)) == duration);
  }
}

TEST_CASE("durations for people") {
  CHECK(describe_duration(Milliseconds(42)) == "42ms");
  CHECK(describe_duration(Milliseconds(1500)) == "1.50s");
  CHECK(describe_duration(Milliseconds(59'999)) == "59.99s");
  CHECK(describe_duration(Milliseconds(723'000)) == "12m 03s");
  CHECK(describe_duration(Milliseconds(7'380'000)) == "2h 03m");
  CHECK(describe_duration(Milliseconds(273'600'000)) == "3d 04h");
}
