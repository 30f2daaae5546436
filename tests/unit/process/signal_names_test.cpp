#include <toolkit/process/signals.hpp>

#include <doctest/doctest.h>
#include <tests/support/process.hpp>

#include <sstream>

using toolkit::process::parse_signal;
using toolkit::process::signal_name;
using toolkit::process::signal_names;

TEST_CASE("signals are understood by name, with SIG or without, in any case, and by number") {
  for (const char* text : {"TERM", "SIGTERM", "term", "sigterm", "SigTerm", "15", "015"}) {
    CAPTURE(text);
    CHECK(parse_signal(text) == 15);
  }
  CHECK(parse_signal("1") == 1);
  CHECK(parse_signal("64") == 64);
  CHECK(parse_signal("32") == 32);
}

TEST_CASE("signals have the aliases of signal(7)") {
  CHECK(parse_signal("IOT") == SIGABRT);
  CHECK(parse_signal("SIGPOLL") == SIGIO);
  CHECK(parse_signal("cld") == SIGCHLD);
  CHECK(signal_name(SIGABRT) == "SIGABRT");
}

TEST_CASE("real-time signals are counted from either end") {
  CHECK(parse_signal("RTMIN") == SIGRTMIN);
  CHECK(parse_signal("RTMIN+3") == SIGRTMIN + 3);
  CHECK(parse_signal("sigrtmax-1") == SIGRTMAX - 1);
  CHECK(parse_signal("RTMIN+30") == 64);
  CHECK(parse_signal("RTMAX-30") == 34);
  CHECK(signal_name(37) == "SIGRTMIN+3");
  CHECK(signal_name(64) == "SIGRTMAX");
}

TEST_CASE("what is no signal is refused") {
  for (const char* text :
       {"", "0", "65", "-1", "+15", "15 ", "SIG", "TERMINATE", "RTMIN+31", "RTMAX-31", "RTMIN-1",
        "RTMIN+", "RTMIN+-1", "SIG15", "99999999999999999999"}) {
    CAPTURE(text);
    const auto result = parse_signal(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == toolkit::ErrorKind::usage);
    CHECK_FALSE(result.error().remedy.empty());
  }
}

TEST_CASE("a mistyped signal is answered with the nearest name") {
  CHECK(parse_signal("SIGTREM").error().remedy == "did you mean TERM?");
  CHECK(parse_signal("usr3").error().remedy == "did you mean USR1?");
}

TEST_CASE("signals without a name are called by their number") {
  CHECK(signal_name(32) == "signal 32");
  CHECK(signal_name(0) == "signal 0");
  CHECK(signal_name(77) == "signal 77");
}

TEST_CASE("names and numbers are those of bash's kill -l") {
  const auto outcome = toolkit::support::run_program(
      {"bash", "-c", "for i in {1..64}; do echo $i $(kill -l $i); done"});
  REQUIRE(outcome.exit_code == 0);
  std::istringstream lines(outcome.out);
  int number = 0, named = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    words >> number >> name;
    if (!name.empty() && name != std::to_string(number)) {
      CAPTURE(name);
      CHECK(signal_name(number) == "SIG" + name);
      CHECK(parse_signal(name) == number);
      ++named;
    }
  }
  CHECK(named == 62);
}

TEST_CASE("every listed name is understood and comes back") {
  const auto names = signal_names();
  CHECK(names.size() == 62);
  for (const std::string_view name : names) {
    const auto number = parse_signal(name);
    REQUIRE(number);
    CHECK(signal_name(*number) == "SIG" + std::string(name));
  }
}
