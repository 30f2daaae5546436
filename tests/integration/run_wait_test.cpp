// `run --wait`: the child starts when it may.
#include <signal.h>
#include <tests/integration/run_files.hpp>

using namespace toolkit::support;
using namespace std::chrono_literals;

TEST_CASE("the child starts when the conditions are met") {
  const TempDir d;
  auto run = start_toolkit(
      run_with({"--name", "patient", "--wait", "file:" + (d / "go"), "--wait", "not(file:/none)"},
               {"echo", "gone"}));
  CHECK(wait_until([] { return record_field("patient", "state") == "starting"; }));
  CHECK(run.out().empty());
  d.write("go", "");
  const Outcome& outcome = run.wait();
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out == "gone\n");
}

TEST_CASE("a job that failed refuses the next one with its own code") {
  CHECK(run_toolkit(run_with({"--name", "init-bad"}, fixture("exit", "5"))).exit_code == 5);
  const TempDir d;
  const Outcome outcome = run_toolkit(
      run_with({"--name", "after-bad", "--wait", "job:init-bad code=0"}, {"touch", d / "mark"}));
  CHECK(outcome.exit_code == 5);
  CHECK(contains(outcome.err, "toolkit run: --wait: "));
  CHECK_FALSE(file_exists(d / "mark"));
  CHECK(record_field("after-bad", "exit_code") == "5");
  CHECK(record_field("after-bad", "reason") == "not_ready");
}

TEST_CASE("the time for the conditions ends with 124") {
  const Outcome outcome =
      run_toolkit(run_with({"--wait", "file:/none", "--wait-timeout", "200ms"}, {"true"}));
  CHECK(outcome.exit_code == 124);
  CHECK(contains(outcome.err, "file:/none"));
}

TEST_CASE("a stop while waiting ends the job, and nothing starts") {
  const TempDir d;
  auto run = start_toolkit(
      run_with({"--name", "stopped-early", "--wait", "file:/none"}, {"touch", d / "mark"}));
  REQUIRE(wait_until([] { return record_field("stopped-early", "state") == "starting"; }));
  run.signal(SIGTERM);
  CHECK(run.wait().exit_code == 143);
  CHECK_FALSE(file_exists(d / "mark"));
  CHECK(record_field("stopped-early", "state") == "exited");
}

TEST_CASE("a condition that makes no sense is a mistake before anything starts") {
  const Outcome outcome = run_toolkit(run_with({"--wait", "fle:/x"}, {"true"}));
  CHECK(outcome.exit_code == 125);
  CHECK(contains(outcome.err, "  fle:/x\n  ^^^"));
}

TEST_CASE("the end of a terminal ends the wait too, but not where it means opening logs again") {
  const TempDir d;
  auto plain = start_toolkit(run_with({"--name", "hung-up", "--wait", "file:/none"}, {"true"}));
  auto reopening = start_toolkit(run_with({"--name", "reopening", "--log", d / "log",
                                           "--reopen-on-hup", "--wait", "file:" + (d / "go")},
                                          {"true"}));
  REQUIRE(wait_until([] { return record_field("hung-up", "state") == "starting"; }));
  REQUIRE(wait_until([] { return record_field("reopening", "state") == "starting"; }));
  std::this_thread::sleep_for(200ms);
  plain.signal(SIGHUP);
  reopening.signal(SIGHUP);
  CHECK(plain.wait().exit_code == 129);
  d.write("go", "");
  CHECK(reopening.wait().exit_code == 0);
}
