// The tests' own tools: a harness that sees nothing would let everything pass.
#include <doctest/doctest.h>
#include <signal.h>
#include <tests/support/process.hpp>

#include <string>

using namespace toolkit::support;

namespace {
// posix_spawn(3) of glibc leaves its two private signals, 32 and 33, ignored; so masks are not
// compared whole.
bool has_bit(const std::string& mask, int signal) {
  return (std::stoull("0" + mask, nullptr, 16) >> (signal - 1) & 1) == 1;
}
}  // namespace

TEST_CASE("an exit code, both outputs and a signal are seen") {
  const Outcome outcome =
      run_program({"sh", "-c", "cat; echo bad >&2; exit 7"}, {.input = "good\n"});
  CHECK(outcome.exit_code == 7);
  CHECK(outcome.out == "good\n");
  CHECK(outcome.err == "bad\n");
  CHECK(run_program(fixture("die", "11")).signal == SIGSEGV);
}

TEST_CASE("a program that does not end is killed at its limit with all below it") {
  const Outcome outcome = run_program({"sh", "-c", "sleep 4711.25 & sleep 4711.25"},
                                      {.limit = std::chrono::milliseconds(200)});
  CHECK(outcome.timed_out);
  CHECK(outcome.signal == SIGKILL);
  CHECK(wait_until([] { return processes_with_argument("4711.25").empty(); }));
}

TEST_CASE("a child sees the environment without our own settings") {
  const Outcome outcome =
      run_program({"env"}, {.env = {{"TOOLKIT_RUN_GRACE", "1s"}}, .unset = {"PATH"}});
  CHECK(outcome.out.find("TOOLKIT_RUN_GRACE=1s\n") != std::string::npos);
  CHECK(outcome.out.find("TOOLKIT_BINARY") == std::string::npos);
  CHECK(outcome.out.find("\nPATH=") == std::string::npos);
}

TEST_CASE("the fixture's tree has the shape that was asked for") {
  Process tree(fixture("fork-tree", "60", "20", "10", "6", "3"));
  REQUIRE(tree.wait_for_out("ready\n"));
  int alive = 0, leaders = 0, deaf = 0, stopped = 0;
  for (const pid_t pid : descendants_of(1)) {
    const std::string mine = " " + std::to_string(pid) + " ";
    std::string pids = tree.out();
    pids.replace(pids.find('\n'), 1, " ");
    if (pids.find(mine) != std::string::npos) {
      alive += is_alive(pid) ? 1 : 0;
      leaders += status_field(pid, "NSsid") == std::to_string(pid) ? 1 : 0;
      deaf += has_bit(status_field(pid, "SigIgn"), SIGTERM) ? 1 : 0;
      stopped += process_state(pid) == 'T' ? 1 : 0;
      ::kill(pid, SIGKILL);
    }
  }
  CHECK(alive == 60);
  CHECK(leaders == 20);
  CHECK(deaf == 6);
  CHECK(stopped == 3);
}

TEST_CASE("two runs of print-status agree, and a changed mask shows") {
  const Outcome first = run_program(fixture("print-status"));
  CHECK(first.out.find("status SigBlk: 0000000000000000") != std::string::npos);
  CHECK(first.out.find("pgid self") != std::string::npos);
  CHECK(run_program(fixture("print-status")).out == first.out);
  const Outcome deaf =
      run_program({"sh", "-c", "trap '' USR1; exec \"$0\" print-status", fixture_path()});
  const std::string label = "status SigIgn: ";
  const auto at = deaf.out.find(label);
  REQUIRE(at != std::string::npos);
  CHECK(has_bit(deaf.out.substr(at + label.size(), 16), SIGUSR1));
}

TEST_CASE("the signal fixture reports numbers, codes and values") {
  Process child(fixture("signals"));
  REQUIRE(child.wait_for_out("ready"));
  ::sigqueue(child.pid(), SIGRTMIN + 3, sigval{.sival_int = 42});
  CHECK(child.wait_for_out("signal 37 code -1 value 42"));
  child.signal(SIGTERM);
  CHECK(child.wait_for_out("signal 15 code 0 value 0"));
  child.signal(SIGINT);
  REQUIRE(child.wait_for_out("signal 2 "));
  child.signal(SIGINT);
  CHECK(child.wait().exit_code == 0);
}
