// How a job is stopped: whose grace it is, who gets it, and what is said meanwhile.
#include <signal.h>
#include <sys/stat.h>
#include <tests/integration/run_files.hpp>

#include <fstream>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

double modified(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return static_cast<double>(status.st_mtim.tv_sec) +
         static_cast<double>(status.st_mtim.tv_nsec) / 1e9;
}

}  // namespace

TEST_CASE("workers get the rest of the grace when the main process goes first") {
  const TempDir directory;
  const double start = unix_now();
  auto run = start_toolkit(
      run_with({"--grace", "20s"}, fixture("children-cleanup", "600", "4", directory.path())));
  REQUIRE(run.wait_for_out("ready"));
  run.signal(SIGTERM);
  const Outcome outcome = run.wait();
  const double ended = start + outcome.seconds;  // of `run` itself: workers could hold its pipes
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.seconds < relaxed(6));  // not the whole grace
  double last = 0;
  for (int i = 0; i < 4; ++i) {
    const std::string path = directory / ("worker-" + std::to_string(i));
    CHECK(read_file_or_empty(path) == "clean\n");
    last = std::max(last, modified(path));
  }
  MESSAGE("from the last worker's last write to our end: ", (ended - last) * 1000, " ms");
  CHECK(ended - last > -0.05);  // the clock of file times is some milliseconds late
  CHECK(ended - last < relaxed(0.5));
}

TEST_CASE("the living are named each second while the grace runs") {
  const TempDir directory;
  const auto log = directory / "log";
  auto run = start_toolkit(run_with({"--grace", "20s", "--log", log},
                                    fixture("children-cleanup", "2600", "3", directory.path())));
  REQUIRE(run.wait_for_out("ready"));
  run.signal(SIGTERM);
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 0);
  const std::string call = "the main process is gone; waiting for 3 processes: ";
  CHECK(count_of(outcome.err, call) == 2);
  CHECK(count_of(read_file(log), call) == 2);
  CHECK(contains(outcome.err, "(toolkit_fixture)"));
}

TEST_CASE("a repeated SIGTERM is passed on and never shortens the grace") {
  const TempDir directory;
  SUBCASE("a checkpoint that takes its time is finished") {
    const auto file = directory / "checkpoint";
    auto run = start_toolkit(run_with({"--grace", "20s"}, fixture("checkpoint", "900", file, "7")));
    REQUIRE(run.wait_for_out("ready"));
    for (int i = 0; i < 8; ++i) {
      run.signal(i % 2 == 0 ? SIGTERM : SIGINT);
      std::this_thread::sleep_for(70ms);
      REQUIRE_FALSE(run.has_ended());
      if (i == 0) {
        REQUIRE(run.wait_for_out("saving"));
      }
      i += i % 2 == 0 ? 1 : 0;  // SIGTERM only: the fixture would die of SIGINT
    }
    CHECK(run.wait().exit_code == 7);
    CHECK(read_file_or_empty(file) == "checkpoint\n");
  }
  SUBCASE("one arrives for each that was sent") {
    auto run = start_toolkit(run_with({"--grace", "20s"}, fixture("signals")));
    REQUIRE(run.wait_for_out("ready"));
    for (int i = 1; i <= 4; ++i) {
      run.signal(SIGTERM);
      REQUIRE(wait_until([&] { return count_of(run.out(), "signal 15 ") == i; }));
    }
    run.signal(SIGINT);
    REQUIRE(run.wait_for_out("signal 2 "));
    run.signal(SIGINT);
    CHECK(run.wait().exit_code == 0);
  }
}

TEST_CASE("who sits out the grace is killed, and the record says why") {
  auto run =
      start_toolkit(run_with({"--grace", "400ms", "--name", "deaf"}, fixture("ignore-term")));
  REQUIRE(run.wait_for_out("ready"));
  const auto start = std::chrono::steady_clock::now();
  run.signal(SIGTERM);
  REQUIRE(wait_until([] { return record_field("deaf", "state") == "stopping"; }));
  const double deadline = std::atof(record_field("deaf", "deadline_unix").c_str());
  CHECK(deadline > unix_now() - 0.5);
  CHECK(deadline < unix_now() + 0.5);
  const Outcome outcome = run.wait();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  CHECK(outcome.exit_code == 137);
  CHECK(took.count() >= 0.4);
  CHECK(took.count() < relaxed(2));
  CHECK(contains(outcome.err, "the grace is over: killing 1 process"));
  CHECK(record_field("deaf", "reason") == "cancelled");
  CHECK(record_field("deaf", "signal") == "9");
  CHECK(record_field("deaf", "oom_killed") == "false");
  CHECK(record_field("deaf", "deadline_unix") == "null");
  CHECK(contains(record_field("deaf", "message"), "after the grace"));
}

TEST_CASE("a stopped child is woken for its SIGTERM") {
  auto run = start_toolkit(run_with({"--grace", "20s"}, {"sh", "-c",
                                                         "trap 'echo saved; exit 3' TERM; echo $$; "
                                                         "while :; do sleep 0.05; done"}));
  REQUIRE(run.wait_for_out("\n"));
  const pid_t child = std::atoi(run.out().c_str());
  send_signal(child, SIGSTOP);
  REQUIRE(wait_until([&] { return process_state(child) == 'T'; }));
  run.signal(SIGTERM);
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 3);
  CHECK(contains(outcome.out, "saved"));
}

TEST_CASE("the timeout stops the job with 124, after its notice") {
  const TempDir directory;
  const auto events = directory / "events";
  SUBCASE("one that listens") {
    const Outcome outcome = run_toolkit(run_with(
        {"--timeout", "1200ms", "--notify", "USR1@600ms", "--grace", "10s", "--events", events},
        {"sh", "-c",
         "trap 'echo notice' USR1; trap 'echo stop; exit 5' TERM; while :; do sleep 0.02; done"}));
    CHECK(outcome.exit_code == 124);
    CHECK(outcome.out == "notice\nstop\n");
    CHECK(outcome.seconds >= 1.2);
    CHECK(outcome.seconds < relaxed(4));
    CHECK(event_names(events) == "started stopping main_ended exited");
    CHECK(contains(read_file(events), "\"reason\":\"timeout\""));
  }
  SUBCASE("one that does not") {
    const Outcome outcome =
        run_toolkit(run_with({"--timeout", "300ms", "--grace", "300ms"}, fixture("ignore-term")));
    CHECK(outcome.exit_code == 124);
    CHECK(contains(outcome.err, "timed out, killed by SIGKILL after the grace"));
  }
}

TEST_CASE("what outlives a child that ends by itself is killed, stopped or left, as asked") {
  const TempDir directory;
  const auto file = directory / "term";
  // The worker is ready before the main process ends.
  const std::string script =
      "sh -c 'trap \"sleep 0.2; echo clean >" + file + "; exit\" TERM; echo w; " +
      "while :; do sleep 0.05; done' leftover-worker >/dev/null 2>&1 & " + "sleep 0.5; exit 9";
  const auto run = [&](const char* action) {
    return run_toolkit(run_with({"--leftover", action, "--drain", "500ms", "--grace", "10s"},
                                {"sh", "-c", script}),
                       {.limit = 20s});
  };
  SUBCASE("kill") {
    const Outcome outcome = run("kill");
    CHECK(outcome.exit_code == 9);
    CHECK(outcome.seconds >= 1.0);
    CHECK(outcome.seconds < relaxed(3));
    CHECK_FALSE(file_exists(file));
    CHECK(contains(outcome.err, "the drain time is over: killing"));
  }
  SUBCASE("stop") {
    const Outcome outcome = run("stop");
    CHECK(outcome.exit_code == 9);
    CHECK(read_file_or_empty(file) == "clean\n");
  }
  SUBCASE("leave") {
    const Outcome outcome = run("leave");
    CHECK(outcome.exit_code == 9);
    CHECK(outcome.seconds < relaxed(2));
    const auto left = processes_with_argument("leftover-worker");
    CHECK(left.size() == 1);
    for (const pid_t pid : left) {
      send_signal(pid, SIGKILL);
    }
  }
}

TEST_CASE("a SIGTERM while leftovers drain gives them the grace") {
  const TempDir directory;
  const auto file = directory / "term";
  auto run = start_toolkit(run_with({"--drain", "20s", "--grace", "10s"},
                                    {"sh", "-c",
                                     "sh -c 'trap \"echo clean >" + file +
                                         "; exit\" TERM; echo ready; while :; do sleep "
                                         "0.05; done' & sleep 0.3; exit 4"}));
  REQUIRE(run.wait_for_out("ready"));
  REQUIRE(wait_until([&] {
    return children_of(run.pid()).size() == 1 && run.has_ended() == false &&
           descendants_of(run.pid()).size() <= 2;
  }));
  std::this_thread::sleep_for(600ms);  // the main process is gone
  run.signal(SIGTERM);
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 4);
  CHECK(read_file_or_empty(file) == "clean\n");
  CHECK(outcome.seconds < relaxed(5));
}

TEST_CASE("layers share one grace") {
  const std::string tell = "echo grace=$TOOLKIT_GRACE";
  const auto nested = [&](const char* outer, Words inner) {
    return run_toolkit(run_with({"--grace", outer}, Words{toolkit_path(), "run"} +
                                                        std::move(inner) +
                                                        Words{"--", "sh", "-c", tell}))
        .out;
  };
  CHECK(nested("10s", {}) == "grace=8s\n");                  // a second for each layer
  CHECK(nested("10s", {"--grace", "60s"}) == "grace=8s\n");  // more than there is cannot be had
  CHECK(nested("60s", {"--grace", "4s"}) == "grace=3s\n");
  CHECK(run_toolkit(run_with({}, {"sh", "-c", tell})).out == "grace=\n");
}

TEST_CASE("an inner supervisor ends its workers inside the outer grace") {
  const TempDir directory;
  auto run = start_toolkit(
      run_with({"--grace", "3s"},
               Words{toolkit_path(), "run", "--name", "inner", "--"} + fixture("ignore-term")));
  REQUIRE(run.wait_for_out("ready"));
  run.signal(SIGTERM);
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 137);
  CHECK(outcome.seconds < relaxed(2.9));  // the inner one had 2 s, and was not killed itself
  CHECK(contains(outcome.err, "the grace is over: killing 1 process"));
  CHECK(record_field("inner", "state") == "exited");
}

TEST_CASE("the job ends when the parent dies, if asked") {
  const TempDir directory;
  const auto pid_file = directory / "pid", checkpoint = directory / "checkpoint";
  const std::string command = toolkit_path() +
                              " run --die-with-parent --name orphaned --pid-file " + pid_file +
                              " -- " + fixture_path() + " checkpoint 100 " + checkpoint;
  const std::string state = "TOOLKIT_STATE_DIR=" + state_dir();
  Process parent({"sh", "-c", state + " " + command + " & wait"});
  REQUIRE(parent.wait_for_out("ready"));
  const pid_t child = std::atoi(read_file(pid_file).c_str());
  parent.signal(SIGKILL);
  CHECK(wait_until([&] { return record_field("orphaned", "state") == "exited"; }));
  CHECK(read_file_or_empty(checkpoint) == "checkpoint\n");
  CHECK(contains(record_field("orphaned", "message"), "parent died"));
  CHECK_FALSE(is_alive(child));
  CHECK(wait_until([&] { return !file_exists(pid_file); }));
}
