// --idle-timeout: a job that hangs is noticed, its stacks are shown, and it is stopped. One that is
// merely quiet is left alone.
#include <signal.h>
#include <tests/integration/run_files.hpp>

using namespace toolkit::support;
using namespace std::chrono_literals;

TEST_CASE(
    "a job without output and processor time is stopped with 124, after a look at its stacks") {
  const TempDir directory;
  const auto events = directory / "events", log = directory / "log";
  const Outcome outcome = run_toolkit(run_with({"--idle-timeout", "700ms", "--grace", "5s",
                                                "--name", "hung", "--events", events, "--log", log},
                                               shell("echo started; sleep 4711 & wait")));
  CHECK(outcome.exit_code == 124);
  CHECK(outcome.seconds >= 0.7);
  CHECK(outcome.seconds < relaxed(4));
  for (const std::string& text : {outcome.err, read_file(log)}) {
    CHECK(contains(text, "no output and no CPU use for 700ms"));
    CHECK(contains(text, "(sh) state S wchan "));
    CHECK(contains(text, "(sleep) state S wchan "));
  }
  CHECK(record_field("hung", "reason") == "idle_timeout");
  CHECK(event_names(events) == "started idle stopping main_ended exited");
}

TEST_CASE("Python prints its own stacks on the idle signal, and they are in the log") {
  const TempDir directory;
  const auto log = directory / "log";
  const std::string script =
      "import faulthandler, signal, time\n"
      "faulthandler.register(signal.SIGUSR1)\n"
      "def wait_for_a_rank_that_is_dead():\n    time.sleep(600)\n"
      "print('ready', flush=True)\nwait_for_a_rank_that_is_dead()\n";
  const Outcome outcome = run_toolkit(run_with(
      {"--idle-timeout", "3s", "--idle-signal", "USR1", "--log", log}, {"python3", "-c", script}));
  CHECK(outcome.exit_code == 124);
  CHECK(contains(outcome.err, "in wait_for_a_rank_that_is_dead"));
  CHECK(contains(read_file(log), "in wait_for_a_rank_that_is_dead"));
}

TEST_CASE("a hung job that shrugs off SIGTERM is killed after the grace") {
  const Outcome outcome = run_toolkit(
      run_with({"--idle-timeout", "500ms", "--grace", "300ms"}, fixture("ignore-term")));
  CHECK(outcome.exit_code == 124);
  CHECK(contains(outcome.err, "idle for too long, killed by SIGKILL after the grace"));
}

TEST_CASE("a job that is quiet but busy is left alone") {
  SUBCASE("in the main process") {
    CHECK(run_toolkit(run_with({"--idle-timeout", "500ms"}, fixture("spin", "1.5"))).exit_code ==
          0);
  }
  SUBCASE("in a worker with a session of its own, while the main process waits") {
    CHECK(run_toolkit(run_with({"--idle-timeout", "500ms"},
                               shell("setsid " + fixture_path() + " spin 2 & wait")))
              .exit_code == 0);
  }
  SUBCASE("a little, all the time") {
    const std::string script =
        "import time\nend = time.time() + 4\nwhile time.time() < end:\n"
        "    stop = time.process_time() + 0.004\n"
        "    while time.process_time() < stop: pass\n    time.sleep(0.1)\n";
    CHECK(run_toolkit(run_with({"--idle-timeout", "3s"}, {"python3", "-c", script})).exit_code ==
          0);
  }
}

TEST_CASE("a job that gets no processor time because others take it all is not called idle" *
          doctest::test_suite("serial")) {
  // SCHED_IDLE has a weight of 3 against everybody's 1024 (sched(7), kernel/sched/sched.h).
  std::vector<Process> hogs;
  for (unsigned i = 0; i < 3 * std::thread::hardware_concurrency(); ++i) {
    hogs.emplace_back(fixture("spin", "60"));
  }
  auto run = start_toolkit(
      run_with({"--idle-timeout", "400ms"}, Words{"chrt", "-i", "0"} + fixture("spin", "0.2")));
  std::this_thread::sleep_for(6s);
  CHECK_FALSE(contains(run.err(), "no CPU use"));
  hogs.clear();
  CHECK(run.wait().exit_code == 0);
}

TEST_CASE("a job that writes now and then is left alone") {
  CHECK(run_toolkit(run_with({"--idle-timeout", "1s"},
                             shell("for i in 1 2 3 4 5; do echo $i; sleep 0.5; done")))
            .exit_code == 0);
  CHECK(run_toolkit(run_with({"--idle-timeout", "1s"},
                             shell("for i in 1 2 3 4 5; do printf . >&2; sleep 0.5; done")))
            .exit_code == 0);
}

TEST_CASE("a heartbeat keeps a job alive that does nothing else, and only while it beats") {
  const TempDir directory;
  const auto file = directory.write("beat", "");
  const auto script = [&](const char* beats) {
    return std::string("import os, time\nfor i in range(") + beats + "):\n    os.utime('" + file +
           "')\n    time.sleep(0.4)\nprint('beaten', flush=True)\ntime.sleep(" +
           (std::string(beats) == "3" ? "600" : "0") + ")\n";
  };
  const Words options = {"--idle-timeout", "3s", "--heartbeat", file};
  CHECK(run_toolkit(run_with(options, {"python3", "-c", script("10")})).exit_code == 0);
  const Outcome outcome = run_toolkit(run_with(options, {"python3", "-c", script("3")}));
  CHECK(outcome.exit_code == 124);
  CHECK(contains(outcome.out, "beaten"));
}

TEST_CASE("a hang is worth a restart") {
  const TempDir directory;
  const std::string once = directory / "once";
  const Outcome outcome = run_toolkit(
      run_with({"--idle-timeout", "500ms", "--restart", "on-failure:2", "--restart-delay", "10ms"},
               shell("[ -e " + once + " ] && exit 0; touch " + once + "; exec sleep 600")));
  CHECK(outcome.exit_code == 0);
}
