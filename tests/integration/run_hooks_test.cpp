// --before, --on-stop, --after.
#include <signal.h>
#include <tests/integration/run_files.hpp>
#include <unistd.h>

using namespace toolkit::support;
using namespace std::chrono_literals;

TEST_CASE("hooks run in order around the child, in its environment") {
  const Outcome outcome = run_toolkit(run_with(
      {"--before", "echo before $X", "--before", "echo then", "--env", "X=1", "--after",
       "echo after $TOOLKIT_EXIT_CODE $TOOLKIT_SIGNAL $TOOLKIT_REASON $X", "--after", "echo last"},
      shell("echo child; exit 3")));
  CHECK(outcome.exit_code == 3);
  CHECK(outcome.out == "before 1\nthen\nchild\nafter 3 0 exited 1\nlast\n");
}

TEST_CASE("the child does not start when a hook before it fails") {
  const TempDir directory;
  const auto run = [&](const char* hook) {
    const Outcome outcome =
        run_toolkit(run_with({"--name", "before", "--before", "echo first", "--before", hook,
                              "--before", "echo never", "--after", "echo after"},
                             shell("echo child")));
    CHECK(outcome.out == "first\n");
    CHECK(outcome.exit_code == 125);
    CHECK(record_field("before", "state") == "exited");
    CHECK(record_field("before", "exit_code") == "125");
    return outcome.err;
  };
  CHECK(contains(run("exit 7"), "toolkit run: --before 'exit 7' exited with code 7"));
  CHECK(contains(run("kill -KILL $$"), "killed by SIGKILL"));
  CHECK(contains(run("/no/such/hook"), "--before '/no/such/hook' exited with code 127"));
}

TEST_CASE("a SIGTERM ends the hook before the child, and the job") {
  auto run = start_toolkit(run_with({"--before", "echo hook; exec sleep 30"}, shell("echo child")));
  REQUIRE(run.wait_for_out("hook"));
  run.signal(SIGTERM);
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 143);
  CHECK(outcome.out == "hook\n");
  CHECK(outcome.seconds < relaxed(5));
}

TEST_CASE("stop hooks run beside the stop signal and know the deadline and the process") {
  const TempDir directory;
  const auto file = directory / "file";
  auto run = start_toolkit(run_with(
      {"--grace", "20s", "--name", "stop-hook", "--on-stop",
       "echo hook $TOOLKIT_CHILD_PID $TOOLKIT_DEADLINE", "--on-stop", "echo dir $TOOLKIT_JOB_DIR"},
      fixture("checkpoint", "500", file, "0")));
  REQUIRE(run.wait_for_out("ready"));
  const double before = unix_now();
  run.signal(SIGTERM);
  REQUIRE(run.wait_for_out("hook "));
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "dir " + state_dir() + "/stop-hook\n"));
  const std::string words = outcome.out.substr(outcome.out.find("hook ") + 5);
  CHECK(words.substr(0, words.find(' ')) == record_field("stop-hook", "pid"));
  const double deadline = std::atof(words.substr(words.find(' ') + 1).c_str());
  CHECK(deadline >= before + 19.9);
  CHECK(deadline <= before + 21);
}

TEST_CASE("a stop hook that hangs dies with the rest at the end of the grace") {
  const std::string mark = "4711." + std::to_string(::getpid());
  auto run =
      start_toolkit(run_with({"--grace", "500ms", "--on-stop", "trap '' TERM; sleep " + mark},
                             shell("echo ready; sleep 30")));
  REQUIRE(run.wait_for_out("ready"));
  run.signal(SIGTERM);
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 143);
  CHECK(outcome.seconds < relaxed(4));
  CHECK(processes_with_argument(mark).empty());
}

TEST_CASE("after hooks are told how a stopped job ended, and cannot change its code") {
  auto run = start_toolkit(
      run_with({"--grace", "300ms", "--after",
                "echo after $TOOLKIT_EXIT_CODE $TOOLKIT_SIGNAL $TOOLKIT_REASON; exit 9"},
               fixture("ignore-term")));
  REQUIRE(run.wait_for_out("ready"));
  run.signal(SIGTERM);
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 137);
  CHECK(contains(outcome.out, "after 137 9 cancelled\n"));
  CHECK(contains(outcome.err, "--after"));
  CHECK(contains(outcome.err, "exited with code 9"));
}

TEST_CASE("an after hook has the time of the grace and no more") {
  const Outcome outcome =
      run_toolkit(run_with({"--grace", "400ms", "--after", "sleep 30"}, fixture("exit", "4")));
  CHECK(outcome.exit_code == 4);
  CHECK(outcome.seconds < relaxed(4));
  CHECK(contains(outcome.err, "killed by SIGKILL"));
}

TEST_CASE("with --timeout the child knows beforehand when it will be stopped") {
  const Outcome outcome =
      run_toolkit(run_with({"--timeout", "1h"}, shell("echo $TOOLKIT_DEADLINE")));
  const double deadline = std::atof(outcome.out.c_str());
  CHECK(deadline > unix_now() + 3590);
  CHECK(deadline < unix_now() + 3601);
}
