#include <toolkit/base/json_writer.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

using nlohmann::json;
using toolkit::append_json_string;
using toolkit::JsonWriter;

namespace {

std::string as_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// What nlohmann makes of bytes that are not UTF-8, put into a form that both share: runs of U+FFFD
// count as one, since libraries differ in how many they write for one broken sequence.
std::string without_repeats(std::string text) {
  const std::string mark = "\uFFFD";
  for (auto at = text.find(mark + mark); at != std::string::npos; at = text.find(mark + mark)) {
    text.erase(at, mark.size());
  }
  return text;
}

}  // namespace

TEST_CASE("random bytes become the string that nlohmann reads and writes") {
  std::mt19937 random(9);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes;
    for (auto n = random() % 16; n > 0; --n) {
      bytes += static_cast<char>(random());
    }
    const json parsed = json::parse(as_json(bytes));
    const json oracle =
        json::parse(json(bytes).dump(-1, ' ', false, json::error_handler_t::replace));
    CHECK(without_repeats(parsed.get<std::string>()) == without_repeats(oracle.get<std::string>()));
  }
}

TEST_CASE("valid UTF-8 comes back byte for byte") {
  std::mt19937 random(10);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = random() % 10; n > 0; --n) {
      const auto code = static_cast<unsigned>(random() % 0x110000) >> (random() % 14);
      if (code >= 0xD800 && code < 0xE000) {
        continue;
      }
      const auto push = [&](unsigned byte) { text += static_cast<char>(byte); };
      if (code < 0x80) {
        push(code);
      } else if (code < 0x800) {
        push(0xC0 | code >> 6), push(0x80 | (code & 63));
      } else if (code < 0x10000) {
        push(0xE0 | code >> 12), push(0x80 | (code >> 6 & 63)), push(0x80 | (code & 63));
      } else {
        push(0xF0 | code >> 18), push(0x80 | (code >> 12 & 63)), push(0x80 | (code >> 6 & 63)),
            push(0x80 | (code & 63));
      }
    }
    CHECK(json::parse(as_json(text)).get<std::string>() == text);
  }
}

TEST_CASE("what RFC 3629 forbids is replaced") {
  for (const char* bytes : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF",
                            "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                            "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xF0\x9F\x98"}) {
    CHECK(json::parse(as_json(bytes)).get<std::string>().find_first_not_of("\xEF\xBF\xBD") ==
          std::string::npos);
  }
  CHECK(as_json("\xF4\x8F\xBF\xBF") == "\"\xF4\x8F\xBF\xBF\"");
}

TEST_CASE("control characters are escaped") {
  CHECK(as_json(std::string_view("\"\\\n\r\t\x01\x7f\0/", 9)) ==
        "\"\\\"\\\\\\n\\r\\t\\u0001\\u007f\\u0000/\"");
}

TEST_CASE("objects and arrays get their commas") {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object()
      .field("a", 1)
      .field("b", "x")
      .key("c")
      .begin_array()
      .value(1)
      .value(true)
      .null()
      .begin_object()
      .end_object();
  writer.begin_array()
      .end_array()
      .end_array()
      .key("d")
      .begin_object()
      .field("e", false)
      .end_object()
      .field("f", "")
      .end_object();
  CHECK(out == R"({"a":1,"b":"x","c":[1,true,null,{},[]],"d":{"e":false},"f":""})");
  CHECK(json::accept(out));
}

TEST_CASE("numbers keep their value to the ends of their range") {
  std::string out;
  JsonWriter writer(out);
  writer.begin_array()
      .value(std::numeric_limits<std::int64_t>::min())
      .value(std::numeric_limits<std::int64_t>::max())
      .value(std::numeric_limits<std::uint64_t>::max())
      .value(-1)
      .value(1.5)
      .value(-0.0004)
      .value(1e15, 0)
      .end_array();
  CHECK(out ==
        "[-9223372036854775808,9223372036854775807,18446744073709551615,-1,1.500,-0.000,"
        "1000000000000000]");
}

TEST_CASE("what is no number in JSON becomes null") {
  std::string out;
  JsonWriter(out)
      .begin_array()
      .value(std::nan(""))
      .value(INFINITY)
      .value(-INFINITY)
      .value(1.0, 1)
      .end_array();
  CHECK(out == "[null,null,null,1.0]");
}
