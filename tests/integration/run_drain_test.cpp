// The end of the output: nothing of it is lost, and nobody who holds the pipe holds us.
#include <toolkit/base/unique_fd.hpp>

#include <fcntl.h>
#include <signal.h>
#include <tests/integration/run_files.hpp>

#include <filesystem>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

pid_t holder_of(const std::string& out) {
  const std::string words = "held by ";
  const auto at = out.find(words);
  REQUIRE(at != std::string::npos);
  return std::atoi(out.c_str() + at + words.size());
}

// Megabytes are compared without doctest printing them.
bool same(const std::string& left, const std::string& right) { return left == right; }

}  // namespace

TEST_CASE("bursts of 1 MiB on both streams and an immediate end lose no byte") {
  const std::string expected = run_program(fixture("burst", "1048576")).out;
  REQUIRE(expected.size() == 1048576);
  for (int round = 0; round < rounds(200, 10000); ++round) {
    CAPTURE(round);
    const TempDir directory;
    const auto log = directory / "log";
    const bool reversible = round % 10 == 0;
    const Outcome outcome =
        run_toolkit(run_with({"-q", "--log", log, "--log-format", reversible ? "cri" : "raw"},
                             fixture("burst", "1048576")));
    REQUIRE(outcome.exit_code == 0);
    REQUIRE(same(outcome.out, expected));
    REQUIRE(same(outcome.err, expected));
    if (reversible) {
      REQUIRE(same(run_toolkit({"run", "--restore", "stdout", log}).out, expected));
      REQUIRE(same(run_toolkit({"run", "--restore", "stderr", log}).out, expected));
    } else {
      REQUIRE(std::filesystem::file_size(log) == 2 * expected.size());
    }
  }
}

TEST_CASE("a burst is whole though somebody holds the pipes and no time is given to drain them") {
  const std::string expected = run_program(fixture("burst", "1000000")).out;
  for (int round = 0; round < rounds(20, 1000); ++round) {
    CAPTURE(round);
    const TempDir directory;
    const auto holder = directory / "holder";
    const Outcome outcome =
        run_toolkit(run_with({"-q", "--drain", "0s", "--leftover", "leave", "--log",
                              directory / "log", "--log-format", "raw"},
                             shell("setsid sleep 600 & echo $! >" + holder + "; exec " +
                                   fixture_path() + " burst 1000000")));
    send_signal(std::atoi(read_file(holder).c_str()), SIGKILL);
    REQUIRE(outcome.exit_code == 0);
    REQUIRE(same(outcome.out, expected));
    REQUIRE(same(outcome.err, expected));
    REQUIRE(std::filesystem::file_size(directory / "log") == 2 * expected.size());
  }
}

TEST_CASE("a burst without a log reaches a console that is a pipe, a file, or slow") {
  const std::string expected = run_program(fixture("burst", "1048576")).out;
  const TempDir directory;
  const std::string child = " -- " + fixture_path() + " burst 1048576 2>" + (directory / "err");
  const auto run = [&](const std::string& options, const std::string& sink) {
    const auto out = directory / "out";
    CHECK(
        run_program(shell(toolkit_path() + " run -q " + options + child + sink + out)).exit_code ==
        0);
    CHECK(same(read_file(out), expected));
  };
  run("", " | cat >");
  run("--idle-timeout 1h", " | cat >");  // through our pipes
  run("--idle-timeout 1h", " >");
  run("--idle-timeout 1h", " | (sleep 0.5; cat) >");
  run("--console prefixed", " | (sleep 0.5; sed 's/^.*toolkit_fixture: //' | head -c -1) >");
}

TEST_CASE("a daemon that holds the output does not hold the exit code") {
  const TempDir directory;
  const auto log = directory / "log";
  SUBCASE("killed by default, and then nothing holds the output") {
    const Outcome outcome = run_toolkit(run_with(
        {"--name", "held", "--drain", "700ms", "--log", log}, fixture("hold-pipe", "3600", "3")));
    CHECK(outcome.exit_code == 3);
    CHECK(outcome.seconds >= 0.7);
    CHECK(outcome.seconds < relaxed(2.5));
    CHECK_FALSE(is_alive(holder_of(outcome.out)));
    CHECK(record_field("held", "output_open") == "false");
    CHECK(contains(read_file(log), "held: gone\n"));
  }
  SUBCASE("the default is two seconds") {
    const Outcome outcome =
        run_toolkit(run_with({"--log", log}, fixture("hold-pipe", "3600", "3")));
    CHECK(outcome.exit_code == 3);
    CHECK(outcome.seconds >= 2);
    CHECK(outcome.seconds < relaxed(4));
  }
  SUBCASE("left alone, and the record says that the output is open") {
    const Outcome outcome = run_toolkit(
        run_with({"--name", "held", "--drain", "700ms", "--leftover", "leave", "--log", log},
                 fixture("hold-pipe", "3600", "4")));
    CHECK(outcome.exit_code == 4);
    CHECK(outcome.seconds >= 0.7);
    CHECK(outcome.seconds < relaxed(2.5));
    const pid_t holder = holder_of(outcome.out);
    CHECK(is_alive(holder));
    CHECK(record_field("held", "output_open") == "true");
    CHECK(record_field("held", "exit_code") == "4");
    CHECK(contains(outcome.err, "the output was still held open"));
    send_signal(holder, SIGKILL);
  }
}

TEST_CASE("a process outside the tree that holds the output is not waited for beyond the drain") {
  const TempDir directory;
  const auto log = directory / "log";
  const auto go = directory / "go";
  auto held =
      start_toolkit(run_with({"--name", "outside", "--drain", "600ms", "--log", log},
                             shell("echo pid $$; while [ ! -e " + go +
                                   " ]; do sleep 0.02; done; printf 'last words'; exit 6")));
  REQUIRE(held.wait_for_out("pid "));
  REQUIRE(held.wait_for_out("\n"));
  const std::string child = held.out().substr(4, held.out().find('\n') - 4);
  const toolkit::UniqueFd ours(::open(("/proc/" + child + "/fd/1").c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(ours);
  const auto start = std::chrono::steady_clock::now();
  directory.write("go", "");
  const Outcome outcome = held.wait();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  CHECK(outcome.exit_code == 6);
  CHECK(took.count() >= 0.6);
  CHECK(took.count() < relaxed(2.5));
  CHECK(record_field("outside", "output_open") == "true");
  CHECK(contains(outcome.out, "last words"));
  CHECK(contains(read_file(log), "outside: last words\n"));
}

TEST_CASE("a child that closes its outputs is not taken for one that ended") {
  const TempDir directory;
  const Outcome outcome = run_toolkit(
      run_with({"--log", directory / "log"}, shell("exec >&- 2>&-; sleep 0.5; exit 8")));
  CHECK(outcome.exit_code == 8);
  CHECK(outcome.seconds >= 0.5);
}
