#include "stamper_fixture.hpp"

#include <doctest/doctest.h>
#include <tests/support/environment.hpp>

#include <algorithm>

using namespace stamper_test;
using namespace std::string_literals;

namespace {

StampOptions cri() { return {.format = LogFormat::cri}; }

std::string restore(Stream stream, std::string_view log, Random& random) {
  Restorer restorer(stream);
  std::string bytes;
  while (!log.empty()) {
    const std::size_t size = std::min(log.size(), odd_length(random) + 1);
    REQUIRE(restorer.feed(log.substr(0, size), bytes));
    log.remove_prefix(size);
  }
  return bytes;
}

std::string restore(Stream stream, std::string_view log) {
  Restorer restorer(stream);
  std::string bytes;
  REQUIRE(restorer.feed(log, bytes));
  return bytes;
}

/// Lines of bytes that break naive readers: NUL, CR, bad UTF-8, and lines that look like log lines.
std::string random_stream(Random& random) {
  static const std::string pool = "\0\r\xff\xc3 \xe2\x82 aF:P\x1b\t"s;
  std::string bytes;
  for (std::size_t lines = below(random, 6); lines > 0; --lines) {
    for (std::size_t size = odd_length(random); size > 0; --size) {
      bytes += pool[below(random, pool.size())];
    }
    bytes += below(random, 5) == 0 ? "" : "\n";
    bytes += below(random, 8) == 0 ? "2021-07-04T15:50:26.1Z stdout F x\n" : "";
  }
  return bytes;
}

bool same(std::string_view a, std::string_view b) {
  return a == b;
}  // keeps megabytes off the screen

void check_times_never_go_back(const std::string& log) {
  std::string latest;
  for (const std::string& line : lines_of(log)) {
    const std::string time = line.substr(0, 30);
    REQUIRE(time.size() == 30);
    REQUIRE(time[29] == 'Z');
    REQUIRE(time >= latest);
    latest = time;
  }
}

}  // namespace

TEST_CASE("any two streams come back byte for byte from one log") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  Random random(seed);
  const int rounds = toolkit::support::sanitized() ? 200 : 1500;
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    const std::string out = random_stream(random);
    const std::string err = random_stream(random);
    Log log(cri());
    feed_randomly(log, out, err, random);
    const std::string text = log.finish();
    REQUIRE(same(restore(Stream::out, text, random), out));
    REQUIRE(same(restore(Stream::err, text, random), err));
    check_times_never_go_back(text);
  }
}

TEST_CASE("a line of 100 MB comes back whole") {
  std::string line(100'000'000, 'x');
  for (std::size_t i = 0; i < line.size(); i += 997) {
    line[i] = static_cast<char>(i % 256 == '\n' ? 0 : i % 256);
  }
  Log log(cri());
  for (std::size_t at = 0; at < line.size(); at += 262144) {
    log.out(std::string_view(line).substr(at, 262144));
  }
  log.out("\nend");
  CHECK(same(restore(Stream::out, log.finish()), line + "\nend"));
}

TEST_CASE("a clock that is set back does not set the log back") {
  Log log(cri());
  log.out("a\n");
  log.time -= std::chrono::hours(1);
  log.err("b\n").out("c");
  check_times_never_go_back(log.finish());
}

TEST_CASE("lines look as the container runtime interface has them") {
  Log log(cri());
  log.out("words \r\nno end").err("\n");
  CHECK(log.finish() ==
        "2021-07-04T15:50:26.123456789Z stdout F words \r\n"
        "2021-07-04T15:50:26.123456789Z stderr F \n"
        "2021-07-04T15:50:26.123456789Z stdout P no end\n");
}

TEST_CASE("lines are counted however the log comes") {
  Restorer restorer(Stream::out);
  std::string bytes;
  for (const char c : "2021-07-04T15:50:26Z stdout F x\n2021-07-04T15:50:26Z stderr P \n"s) {
    REQUIRE(restorer.feed({&c, 1}, bytes));
  }
  CHECK(restorer.line_number() == 2);
}

TEST_CASE("a long line is pieces of 64 KiB") {
  Log log(cri());
  const std::string line(100'000, 'x');
  log.out(line + "\n");
  const std::vector<std::string> lines = lines_of(log.text);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].substr(31) == "stdout P " + line.substr(0, 65536));
  CHECK(lines[1].substr(31) == "stdout F " + line.substr(65536));
}

TEST_CASE("logs of other runtimes are restored too") {
  CHECK(restore(Stream::out,
                "2016-10-06T00:17:09.669794202Z stdout P log content 1\n"
                "2016-10-06T00:17:09.669794203+02:00 stderr F error\n"
                "2016-10-06T00:17:10.113242941Z stdout F:tag log content 2\n") ==
        "log content 1log content 2\n");
}

TEST_CASE("a log that breaks off gives what is there") {
  CHECK(restore(Stream::out, "2021-07-04T15:50:26Z stdout F wor") == "wor");
  CHECK(restore(Stream::out, "2021-07-04T15:50:26Z stdou").empty());
  CHECK(restore(Stream::out, "").empty());
}

TEST_CASE("the first line in another format is named") {
  const std::string good = "2021-07-04T15:50:26Z stdout F x\n";
  for (const std::string bad :
       {"\n", "words\n", "[2021-07-04 15:50:26]  INFO train: x\n",
        "2021-07-04T15:50:26Z stdin F x\n", "2021-07-04T15:50:26Z stdout X x\n",
        "2021-07-04T15:50:26Z stdout F\n", "2021-07-04 15:50:26Z stdout F x\n",
        "2021-07-04T15:50:26! stdout F x\n", "2021.07-04T15:50:26Z stdout F x\n", "  F \n"}) {
    CAPTURE(bad);
    Restorer restorer(Stream::out);
    std::string bytes;
    CHECK_FALSE(restorer.feed(good + good + bad + good, bytes));
    CHECK(restorer.line_number() == 3);
    CHECK(bytes == "x\nx\n");
  }
  Restorer restorer(Stream::out);
  std::string bytes;
  CHECK_FALSE(restorer.feed(std::string(1000, 'x'), bytes));
}
