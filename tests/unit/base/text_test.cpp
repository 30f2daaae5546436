#include <toolkit/base/text.hpp>

#include <doctest/doctest.h>

#include <array>
#include <climits>

using namespace toolkit;
using namespace std::string_view_literals;

TEST_CASE("blanks are trimmed at both ends only") {
  CHECK(trim("  a b\t\r\n") == "a b");
  CHECK(trim(" \n").empty());
  CHECK(trim("").empty());
  CHECK(trim("\v").size() == 1);
}

TEST_CASE("splitting keeps empty parts") {
  using Parts = std::vector<std::string_view>;
  CHECK(split("a,b", ',') == Parts{"a", "b"});
  CHECK(split("", ',') == Parts{""});
  CHECK(split(",a,,", ',') == Parts{"", "a", "", ""});
}

TEST_CASE("only ASCII letters are made upper case") {
  CHECK(to_upper("aZ_9\xC3\xA4") == "AZ_9\xC3\xA4");
}

TEST_CASE("whole numbers have digits and nothing else") {
  CHECK(parse_whole("0") == 0);
  CHECK(parse_whole("007") == 7);
  CHECK(parse_whole("9223372036854775807") == LLONG_MAX);
  for (const char* text :
       {"", "-1", "-0", "+1", " 1", "1 ", "1.0", "0x1", "9223372036854775808", "one"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_whole(text));
  }
  CHECK_FALSE(parse_whole("1\0"sv));
}

TEST_CASE("the nearest word is the one that was meant") {
  constexpr std::array known{"run"sv, "sync"sv, "wait"sv, "env"sv, "check-gpu"sv, "--timeout"sv};
  CHECK(nearest("rnu", known) == "run");
  CHECK(nearest("wiat", known) == "wait");
  CHECK(nearest("sycn", known) == "sync");
  CHECK(nearest("check-gup", known) == "check-gpu");
  CHECK(nearest("--timeuot", known) == "--timeout");
  CHECK(nearest("--tmeot", known) == "--timeout");
  CHECK(nearest("run", known) == "run");
}

TEST_CASE("no word is guessed when none is near") {
  constexpr std::array known{"run"sv, "sync"sv};
  CHECK(nearest("deploy", known).empty());
  CHECK(nearest("", known).empty());
  CHECK(nearest("rest", known).empty());
  CHECK(nearest("run", {}).empty());
}

TEST_CASE("hostile text is made harmless") {
  CHECK(printable("plain text ~") == "plain text ~");
  CHECK(printable("a\x1b[31m\n\x7f\xff") == "a\\x1b[31m\\x0a\\x7f\\xff");
  CHECK(printable("\0"sv) == "\\x00");
}
