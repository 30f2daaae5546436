// `toolkit wait` as its users meet it: ends, codes, words, and the program that it becomes.
#include <nlohmann/json.hpp>
#include <signal.h>
#include <tests/integration/run_files.hpp>
#include <unistd.h>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

Words wait_for(const Words& words) { return Words{"wait"} + words; }

}  // namespace

TEST_CASE("a condition that holds ends the wait at once and without a word") {
  const TempDir d;
  const Outcome outcome = run_toolkit(wait_for({"file:" + d.write("there", "")}));
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.empty());
}

TEST_CASE("the deadline is told with what was missing and why") {
  const TempDir d;
  const Outcome outcome = run_toolkit(wait_for(
      {"--timeout", "300ms", "file:" + d.write("there", ""), "tcp://127.0.0.1:1", "file:/none"}));
  CHECK(outcome.exit_code == 124);
  CHECK(outcome.seconds >= 0.3);
  CHECK(contains(outcome.err, "toolkit wait: "));
  CHECK(contains(outcome.err, "tcp://127.0.0.1:1: connection refused"));
  CHECK(contains(outcome.err, "file:/none: "));
  CHECK_FALSE(contains(outcome.err, "there"));
}

TEST_CASE("any, not and brackets") {
  const TempDir d;
  const std::string there = "file:" + d.write("there", "");
  const std::string none = "file:" + (d / "none");
  const struct {
    Words words;
    int exit_code;
  } cases[] = {
      {{"--any", none, there}, 0},
      {{none, there}, 124},
      {{"not", none, there}, 0},
      {{"not", there}, 124},
      {{"any(" + none + ", all(" + there + ", not(" + none + ")))"}, 0},
      {{"for(100ms, " + there + ")"}, 0},
      {{"--for", "100ms", there, "not", none}, 0},
      {{"--for", "10s", there}, 124},
  };
  for (const auto& one : cases) {
    CAPTURE(one.words.back());
    CHECK(run_toolkit(wait_for(Words{"--timeout", "500ms"} + one.words)).exit_code ==
          one.exit_code);
  }
}

TEST_CASE("a mistake has a caret under it and the code 2") {
  const struct {
    Words words;
    std::string words_of_it, picture;
  } cases[] = {
      {{"fle:/x"}, "fle", "  fle:/x\n  ^^^"},
      {{"all(file:/x"}, "", "  all(file:/x\n"},
      {{"tcp://db"}, "port", "  tcp://db\n"},
      {{"file:/x colour=red"}, "colour", "  file:/x colour=red\n          ^^^^^^"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.words.back());
    const Outcome outcome = run_toolkit(wait_for(one.words));
    CHECK(outcome.exit_code == 2);
    CHECK(contains(outcome.err, one.words_of_it));
    CHECK(contains(outcome.err, one.picture));
  }
  CHECK(run_toolkit({"wait"}).exit_code == 2);
  CHECK(run_toolkit(wait_for({"--any", "--all", "file:/"})).exit_code == 2);
}

TEST_CASE("the program takes our place: same pid, our descriptors and mask, nothing else") {
  const TempDir d;
  auto run = start_toolkit(
      wait_for({"file:" + d.write("there", ""), "--", "sh", "-c",
                "echo $$; echo $(ls /proc/self/fd); grep SigBlk /proc/self/status; exit 7"}));
  const pid_t pid = run.pid();
  const Outcome& outcome = run.wait();
  const Outcome bare = run_program(
      {"sh", "-c", "echo $$; echo $(ls /proc/self/fd); grep SigBlk /proc/self/status; exit 7"});
  CHECK(outcome.exit_code == 7);
  const auto lines = lines_of(outcome.out), bare_lines = lines_of(bare.out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == std::to_string(pid));
  CHECK(lines[1] == bare_lines[1]);
  CHECK(lines[2] == bare_lines[2]);
}

TEST_CASE("after any other end the program never starts") {
  const TempDir d;
  const std::string mark = d / "mark";
  const Outcome outcome =
      run_toolkit(wait_for({"--timeout", "100ms", "file:/none", "--", "touch", mark}));
  CHECK(outcome.exit_code == 124);
  CHECK_FALSE(file_exists(mark));
  const Outcome missing = run_toolkit(wait_for({"file:/", "--", "no-such-program"}));
  CHECK(missing.exit_code == 127);
  CHECK(contains(missing.err, "toolkit wait: cannot run 'no-such-program': not found in PATH"));
}

TEST_CASE("a signal ends the wait as that signal") {
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    auto run = start_toolkit(wait_for({"file:/none"}));
    REQUIRE(wait_until([&] { return process_state(run.pid()) == 'S'; }));
    std::this_thread::sleep_for(50ms);
    run.signal(number);
    CHECK(run.wait().signal == number);
  }
}

TEST_CASE("the result as one JSON object") {
  const TempDir d;
  const Outcome outcome = run_toolkit(
      wait_for({"--json", "--timeout", "200ms", "file:" + d.write("there", ""), "file:/none"}));
  CHECK(outcome.exit_code == 124);
  const auto json = nlohmann::json::parse(outcome.out);
  CHECK(json["schema"] == "toolkit.wait/1");
  CHECK(json["ending"] == "timed_out");
  CHECK(json["exit_code"] == 124);
  REQUIRE(json["conditions"].size() == 2);
  CHECK(json["conditions"][0]["met"] == true);
  CHECK(json["conditions"][1]["reason"] == "absent");
  CHECK(json["conditions"][1]["text"] == "file:/none");
}

TEST_CASE("in a log the wait says every few seconds what is missing") {
  const Outcome outcome = run_toolkit(wait_for({"--timeout", "6s", "file:/none"}));
  CHECK(contains(outcome.err, "INFO wait: waiting "));
  CHECK(contains(outcome.err, "file:/none"));
}

TEST_CASE("on a terminal one line is rewritten in place, and gone at the end") {
  const Outcome outcome = run_program(
      {"script", "-qec", toolkit_path() + " wait --timeout 1500ms file:/none", "/dev/null"});
  CHECK(outcome.exit_code == 124);
  CHECK(contains(outcome.out, "\r\033[Kwaiting "));
  const auto last_drawn = outcome.out.rfind("\r\033[Kwaiting ");
  const auto wiped = outcome.out.rfind("\r\033[K");
  CHECK(wiped > last_drawn);
  CHECK(contains(outcome.out.substr(wiped), "toolkit wait: timed out"));
}

TEST_CASE("two hundred conditions at once") {
  Words words{"wait", "--timeout", "300ms"};
  for (int i = 0; i < 200; ++i) {
    words.push_back("file:/none-" + std::to_string(i));
  }
  const Outcome outcome = run_toolkit(words);
  CHECK(outcome.exit_code == 124);
  CHECK(contains(outcome.err, "0 of 200 ready"));
}
