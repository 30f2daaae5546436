#include "stamper_fixture.hpp"

#include <doctest/doctest.h>

using namespace stamper_test;

namespace {

/// The words of each line, and its time where that matters.
std::vector<std::string> words_of(const Log& log) {
  std::vector<std::string> words = lines_of(log.text);
  for (std::string& line : words) {
    line.erase(0, 28);
  }
  return words;
}

using Words = std::vector<std::string>;

StampOptions every(int milliseconds) { return {.fold_interval = Milliseconds(milliseconds)}; }

}  // namespace

TEST_CASE("a carriage return before the newline is part of the line's end") {
  CHECK(words_of(Log(every(1000)).out("a\r\nb\r").out("\n\r\n").out("\r").out("\nc\n")) ==
        Words{"a", "b", "", "", "c"});
}

TEST_CASE("a progress line is written at most once an interval, and its last state at its end") {
  Log log(every(1000));
  for (int step = 0; step <= 100; ++step) {
    log.err("\r" + std::to_string(step) + "%").wait(30);
  }
  log.err("\n");
  CHECK(words_of(log) == Words{"33%", "67%", "100%"});
}

TEST_CASE("states that come before their carriage return are folded as well") {
  Log log(every(1000));
  for (int step = 0; step <= 100; ++step) {
    log.err(std::to_string(step) + "%\r").wait(30);
  }
  log.err("\n");
  CHECK(words_of(log) == Words{"33%", "67%", "100%"});
}

TEST_CASE("a progress line that stands still is written once") {
  Log log(every(1000));
  log.err("\r10%").wait(5000).wait(5000).err("\n");
  CHECK(words_of(log) == Words{"10%"});
  CHECK(log.stamper.next_due() == SteadyTime::max());
}

TEST_CASE("next_due is when a state has waited for the interval") {
  Log log(every(1000));
  CHECK(log.stamper.next_due() == SteadyTime::max());
  log.err("plain").err(" words");
  CHECK(log.stamper.next_due() == SteadyTime::max());
  log.err("\r10%");
  CHECK(log.stamper.next_due() == log.steady + Milliseconds(1000));
  log.wait(1000);
  CHECK(log.stamper.next_due() == SteadyTime::max());
  log.wait(100).err("\r20%");
  CHECK(log.stamper.next_due() == log.steady + Milliseconds(900));
}

TEST_CASE("a state that is due is written when bytes come, too") {
  Log log(every(1000));
  log.err("\r10%");
  log.steady += Milliseconds(1500);
  log.out("x\n");
  CHECK(words_of(log) == Words{"x", "10%"});
}

TEST_CASE("without an interval only the last state is written") {
  Log log(every(0));
  log.err("\r10%").wait(60000).err("\r20%").wait(60000);
  CHECK(log.text.empty());
  CHECK(log.stamper.next_due() == SteadyTime::max());
  log.err("\n");
  CHECK(words_of(log) == Words{"20%"});
}

TEST_CASE("the last state that shows something counts") {
  CHECK(words_of(Log(every(0)).err("\r10%\r20%\r    \r\n")) == Words{"20%"});
  CHECK(words_of(Log(every(0)).err("\r10%\r\x1b[2K\r").err("\n")) == Words{"10%"});
  CHECK(words_of(Log(every(0)).err("10%\r").err("   ").err("\r").err("\n")) == Words{"10%"});
  CHECK(words_of(Log(every(0)).err("\r10%\r20%\r   \r  \n")) == Words{"20%"});
  CHECK(words_of(Log(every(0)).err("\r\r\n")) == Words{""});
}

TEST_CASE("a stream that ends in the middle of a progress line keeps its last state") {
  Log log(every(1000));
  log.err("\r10%\r20%\r");
  log.finish();
  CHECK(words_of(log) == Words{"20%"});
  Log shown(every(1000));
  shown.err("\r10%").wait(1000);
  shown.finish();
  CHECK(words_of(shown) == Words{"10%"});
}

TEST_CASE("progress is no error, but words behind it are") {
  Log log(every(0));
  log.err("\r10%\r20%\noh\n");
  CHECK(log.text == "[2021-07-04 15:50:26]  INFO 20%\n[2021-07-04 15:50:26] ERROR oh\n");
}

TEST_CASE("folding does not depend on how the bytes come") {
  const std::string bytes =
      "a\r\nb\rc\r\n\r1%\r2%\r  \r\nx\r\r\n\r\n\r\ry\n1%\r2%\r\n   \rz\nend\r";
  Log whole(every(0));
  whole.out(bytes).finish();
  CHECK(words_of(whole) == Words{"a", "c", "2%", "x", "", "y", "2%", "z", "end"});
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    for (std::size_t second = first; second <= bytes.size(); ++second) {
      Log log(every(0));
      log.out(bytes.substr(0, first)).out(bytes.substr(first, second - first));
      log.out(bytes.substr(second)).finish();
      REQUIRE(log.text == whole.text);
    }
  }
}

TEST_CASE("a state too long to hold is an ordinary line") {
  const std::string part(6000, 'x');
  Log log(every(1000));
  log.out("\r10%\r" + part).out(part).out("y\r20%\n");
  CHECK(words_of(log) == Words{part + part + "y", "20%"});
  Log whole(every(1000));
  whole.out("\r" + part + part + "\r").out("20%\n");
  CHECK(words_of(whole) == Words{part + part, "20%"});
  CHECK(words_of(Log(every(1000)).out("\r10%\r" + part + part + "\r20%\n")) ==
        Words{part + part, "20%"});
}

TEST_CASE("a long line with a carriage return at its end keeps its words") {
  const std::string part(9000, 'x');
  CHECK(words_of(Log(every(1000)).out(part).out("y\r").out("\nz\n")) == Words{part + "y", "z"});
  Log log(every(1000));
  log.out(part + "\r");
  log.finish();
  CHECK(words_of(log) == Words{part});
}

TEST_CASE("a million updates are a few lines and no memory") {
  Log log(every(1000));
  for (int i = 0; i < 1'000'000; ++i) {
    log.err("\r" + std::to_string(i));
    log.steady += std::chrono::microseconds(10);
  }
  log.err("\n");
  CHECK(lines_of(log.text).size() <= 11);
  CHECK(words_of(log).back() == "999999");
  CHECK(log.stamper.lines(Stream::err) == 1);
}
