#include "stamper_fixture.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <array>

using namespace stamper_test;
using namespace std::string_literals;

namespace {

const StampOptions text{.label = "train"};
const std::string info = "[2021-07-04 15:50:26]  INFO train: ";
const std::string error = "[2021-07-04 15:50:26] ERROR train: ";

StampOptions json() { return {.format = LogFormat::json, .label = "train"}; }

}  // namespace

TEST_CASE("each line gets the time, a level by its stream, and the label") {
  Log log(text);
  log.out("have a nice day\n").err("oh\n\n");
  CHECK(log.text == info + "have a nice day\n" + error + "oh\n" + error + "\n");
  CHECK(log.stamper.lines(Stream::out) == 1);
  CHECK(log.stamper.lines(Stream::err) == 2);
}

TEST_CASE("without a label there is no colon") {
  CHECK(Log({}).out("x\n").text == "[2021-07-04 15:50:26]  INFO x\n");
}

TEST_CASE("the second's fraction has as many digits as asked for") {
  CHECK(Log({.sub_second_digits = 3}).out("x\n").text == "[2021-07-04 15:50:26.123]  INFO x\n");
  CHECK(Log({.sub_second_digits = 6}).out("x\n").text == "[2021-07-04 15:50:26.123456]  INFO x\n");
  CHECK(Log({.sub_second_digits = 9}).out("x\n").text ==
        "[2021-07-04 15:50:26.123456789]  INFO x\n");
}

TEST_CASE("the time goes on") {
  Log log({.sub_second_digits = 3});
  log.out("a\n").wait(1).out("b\n").wait(1000).out("c\n").wait(-2000).out("d\n");
  CHECK(log.text ==
        "[2021-07-04 15:50:26.123]  INFO a\n[2021-07-04 15:50:26.124]  INFO b\n"
        "[2021-07-04 15:50:27.124]  INFO c\n[2021-07-04 15:50:25.124]  INFO d\n");
}

TEST_CASE("local time follows TZ") {
  const char* before = std::getenv("TZ");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TZ", "XYZ-5:30", 1);
  ::tzset();
  Stamper stamper({});
  std::string out;
  stamper.feed(Stream::out, "x\n", wall, SteadyTime{}, out);
  CHECK(out == "[2021-07-04 21:20:26]  INFO x\n");
  before == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", kept.c_str(), 1);
  ::tzset();
}

TEST_CASE("a level that a line states is its level, unless that is switched off") {
  const std::string line = "WARNING:root:slow\n";
  CHECK(Log(text).err(line).text == "[2021-07-04 15:50:26]  WARN train: " + line);
  CHECK(Log({.label = "train", .detect_levels = false}).err(line).text == error + line);
}

TEST_CASE("lines of a traceback are errors") {
  Log log(text);
  log.err("ERROR:root:x\nTraceback (most recent call last):\n  File \"t.py\", line 1\n");
  CHECK(lines_of(log.text)[2] == error + "  File \"t.py\", line 1");
}

TEST_CASE("unfinished lines wait, so that the streams do not cut each other's lines") {
  Log log(text);
  log.out("have a ").err("WARN").out("nice day\n").err("ING: x\nlast");
  CHECK(log.text == info + "have a nice day\n[2021-07-04 15:50:26]  WARN train: WARNING: x\n");
  CHECK(log.stamper.lines(Stream::err) == 1);
  log.finish();
  CHECK(lines_of(log.text).back() == error + "last");
  CHECK(log.text.back() == '\n');
  CHECK(log.stamper.lines(Stream::err) == 2);
}

TEST_CASE("a stamper goes on after the end of an attempt") {
  Log log(text);
  log.out("a");
  log.finish();
  log.out("b\n");
  CHECK(log.finish() == info + "a\n" + info + "b\n");
}

TEST_CASE("a long line is begun at once and followed by its rest") {
  Log log(text);
  const std::string part(6000, 'x');
  log.out(part);
  CHECK(log.text.empty());
  log.out(part);
  CHECK(log.text == info + part + part);
  log.out("rest").out("\nnext\n");
  CHECK(log.text == info + part + part + "rest\n" + info + "next\n");
}

TEST_CASE("a long line that the other stream has to end goes on behind a mark") {
  Log log(text);
  const std::string part(9000, 'x');
  log.out(part).err("oh\n").out("rest\n");
  CHECK(log.text == info + part + "\n" + error + "oh\n" + info + "...rest\n");
}

TEST_CASE("a long line that was ended before its newline came is over") {
  Log log(text);
  const std::string part(9000, 'x');
  log.out(part).err("oh\n").out("\nnext\n");
  CHECK(log.text == info + part + "\n" + error + "oh\n" + info + "next\n");
}

TEST_CASE("a note ends an open line") {
  Log log(text);
  const std::string part(9000, 'x');
  log.out(part);
  log.stamper.note(Level::warn, "run", "stopping", log.time, log.text);
  CHECK(log.finish() == info + part + "\n[2021-07-04 15:50:26]  WARN run: stopping\n");
}

TEST_CASE("any bytes pass") {
  const std::string bytes = "\0\xff\xc3(\x1b[0m\t"s;
  CHECK(Log(text).out(bytes + "\n").text == info + bytes + "\n");
  CHECK(Log({.format = LogFormat::raw}).out(bytes + "\n\r").finish() == bytes + "\n\r");
}

TEST_CASE("raw is the bytes as they come, with their lines counted") {
  Log log({.format = LogFormat::raw});
  log.out("a\rb\n").err("c").out("d\n\n").err("\ne");
  log.stamper.note(Level::info, "run", "x", log.time, log.text);
  CHECK(log.finish() == "a\rb\ncd\n\n\ne");
  CHECK(log.stamper.lines(Stream::out) == 3);
  CHECK(log.stamper.lines(Stream::err) == 2);
}

TEST_CASE("random streams of any line lengths keep every byte in text") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  for (int round = 0; round < 300; ++round) {
    std::array<std::string, 2> sent;
    for (std::string& bytes : sent) {
      for (std::size_t lines = below(random, 8); lines > 0; --lines) {
        bytes.append(odd_length(random), static_cast<char>('a' + below(random, 26))).append("\n");
      }
    }
    Log log({.detect_levels = false});
    feed_randomly(log, sent[0], sent[1], random);
    std::array<std::string, 2> got;
    for (const std::string& line : lines_of(log.finish())) {
      std::string& stream = got[line.substr(22, 5) == "ERROR" ? 1 : 0];
      const std::string words = line.substr(28);
      if (words.starts_with("...")) {
        REQUIRE(stream.ends_with('\n'));
        stream.pop_back();
      }
      stream.append(words.substr(words.starts_with("...") ? 3 : 0)).append("\n");
    }
    REQUIRE((got == sent));
  }
}

TEST_CASE("JSON lines hold time, level, stream, source and message") {
  Log log(json());
  log.out("say \"hi\"\n").err("x");
  CHECK(log.finish() ==
        R"({"time":"2021-07-04T15:50:26.123Z","level":"info","stream":"stdout","source":"train",)"
        R"("message":"say \"hi\""})"
        "\n"
        R"({"time":"2021-07-04T15:50:26.123Z","level":"error","stream":"stderr","source":"train",)"
        R"("message":"x"})"
        "\n");
}

TEST_CASE("a JSON note has no stream") {
  Log log(json());
  log.stamper.note(Level::warn, "run", "x", log.time, log.text);
  CHECK(log.text ==
        R"({"time":"2021-07-04T15:50:26.123Z","level":"warn","source":"run","message":"x"})"
        "\n");
}

TEST_CASE("long lines are cut into JSON objects between characters") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  for (int round = 0; round < 60; ++round) {
    std::array<std::string, 2> sent;
    for (std::string& bytes : sent) {
      for (std::size_t lines = below(random, 4); lines > 0; --lines) {
        for (std::size_t size = odd_length(random); size > 0; --size) {
          constexpr std::array<const char*, 4> characters{"a", "ß", "€", "😀"};
          bytes += characters[below(random, 4)];
        }
        bytes += '\n';
      }
    }
    Log log(json());
    feed_randomly(log, sent[0], sent[1], random);
    std::array<std::string, 2> got;
    for (const std::string& line : lines_of(log.finish())) {
      const auto object = nlohmann::json::parse(line);
      const std::string message = object["message"];
      REQUIRE(message.size() <= 65536);
      REQUIRE((!object.contains("partial") || !message.empty()));
      got[object["stream"] == "stderr" ? 1 : 0] +=
          message + (object.contains("partial") ? "" : "\n");
    }
    REQUIRE((got == sent));
  }
}

TEST_CASE("a long line that comes at once is cut like one that comes slowly") {
  const std::string line(100'000, 'x');
  const std::string at_once = Log(json()).out(line + "\n").text;
  CHECK(lines_of(at_once).size() == 2);
  CHECK((at_once == Log(json()).out(line).out("\n").text));
}

TEST_CASE("a line of a GiB does not grow memory") {
  for (const LogFormat format : {LogFormat::text, LogFormat::json, LogFormat::cri}) {
    Stamper stamper({.format = format});
    const std::string chunk(65536, 'x');
    std::string out;
    std::size_t written = 0;
    const std::size_t chunks = format == LogFormat::json ? 1000 : 16384;
    for (std::size_t i = 0; i < chunks; ++i) {
      out.clear();
      stamper.feed(Stream::out, chunk, wall, SteadyTime{}, out);
      written += out.size();
    }
    CHECK(written >= (chunks - 1) * chunk.size());
    CHECK(out.capacity() <= 4 * chunk.size());
  }
}
