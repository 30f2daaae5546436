// Starting again after a failure: when, how often, how soon.
#include <signal.h>
#include <tests/integration/run_files.hpp>

#include <cmath>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

// Counts its starts in a file and exits with the codes given, one after the other, then 0.
struct Flaky {
  TempDir directory;
  std::string script;
  explicit Flaky(const std::string& codes) {
    script = "echo x >>" + (directory / "starts") + "; set -- " + codes + "; n=$(wc -l <" +
             (directory / "starts") + "); shift $((n-1)); exit ${1:-0}";
  }
  [[nodiscard]] int starts() const {
    return count_of(read_file_or_empty(directory / "starts"), "x");
  }
};

Outcome run_flaky(const Flaky& flaky, const Words& options) {
  return run_toolkit(run_with(Words{"--restart-delay", "20ms"} + options, shell(flaky.script)));
}

}  // namespace

TEST_CASE("a job is started again until it does well") {
  const Flaky flaky("3 4");
  const Outcome outcome = run_flaky(flaky, {"--restart", "on-failure", "--name", "again"});
  CHECK(outcome.exit_code == 0);
  CHECK(flaky.starts() == 3);
  CHECK(record_field("again", "attempt") == "3");
  CHECK(contains(outcome.err, "restarting again in 20ms (attempt 2)"));
  CHECK(contains(outcome.err, "restarting again in 40ms (attempt 3)"));
}

TEST_CASE("the number of restarts is limited, and the last code is ours") {
  const Flaky flaky("3 4 5 6");
  CHECK(run_flaky(flaky, {"--restart", "on-failure:2"}).exit_code == 5);
  CHECK(flaky.starts() == 3);
  const Flaky never("3 4");
  CHECK(run_flaky(never, {}).exit_code == 3);
  CHECK(never.starts() == 1);
}

TEST_CASE("always means after success too") {
  const Flaky flaky("0 0 0 7");
  CHECK(run_flaky(flaky, {"--restart", "always:3"}).exit_code == 7);
  CHECK(flaky.starts() == 4);
}

TEST_CASE("only the codes that were named are worth a restart") {
  const Flaky flaky("3 2 0");
  CHECK(run_flaky(flaky, {"--restart", "on-failure", "--restart-codes", "1-127,!2"}).exit_code ==
        2);
  CHECK(flaky.starts() == 2);
  const Flaky mapped("3 0");
  CHECK(run_flaky(mapped, {"--restart", "on-failure", "--map-exit", "3=0"}).exit_code == 0);
  CHECK(mapped.starts() == 1);
}

TEST_CASE("a signal is a failure, and counts as 128 and its number") {
  const TempDir directory;
  const std::string script = "[ -e " + (directory / "once") + " ] || { touch " +
                             (directory / "once") + "; kill -SEGV $$; }; echo well";
  const Outcome outcome = run_toolkit(
      run_with({"--restart", "on-failure", "--restart-codes", "139", "--restart-delay", "10ms"},
               shell(script)));
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out == "well\n");
}

TEST_CASE("the delay doubles up to its limit") {
  const TempDir directory;
  const auto events = directory / "events";
  CHECK(run_toolkit(run_with({"--restart", "on-failure:4", "--restart-delay", "50ms",
                              "--restart-max-delay", "150ms", "--events", events},
                             fixture("exit", "1")))
            .exit_code == 1);
  std::string delays;
  for (const std::string& line : lines_of(read_file(events))) {
    delays += json_field(line, "event") == "restarting"
                  ? std::to_string(
                        std::lround(1000 * std::atof(json_field(line, "delay_seconds").c_str()))) +
                        " "
                  : "";
  }
  CHECK(delays == "50 100 150 150 ");
}

TEST_CASE("a program that cannot be started is not tried again") {
  const Outcome outcome = run_toolkit(
      run_with({"--restart", "always", "--restart-delay", "1ms"}, {"/no/such/program"}));
  CHECK(outcome.exit_code == 127);
}

TEST_CASE("a job that was told to stop stays stopped") {
  SUBCASE("while it runs") {
    auto run = start_toolkit(run_with({"--restart", "always"}, shell("echo ready; exec sleep 30")));
    REQUIRE(run.wait_for_out("ready"));
    run.signal(SIGTERM);
    CHECK(run.wait().exit_code == 143);
  }
  SUBCASE("while it waits for its next start") {
    auto run =
        start_toolkit(run_with({"--restart", "always", "--restart-delay", "30s", "--name", "pause"},
                               fixture("exit", "6")));
    REQUIRE(run.wait_for_err("restarting"));
    run.signal(SIGTERM);
    const Outcome outcome = run.wait();
    CHECK(outcome.exit_code == 6);
    CHECK(outcome.seconds < relaxed(5));
    CHECK(record_field("pause", "state") == "exited");
  }
  SUBCASE("because its time is over") {
    const Outcome outcome = run_toolkit(
        run_with({"--restart", "always", "--timeout", "300ms"}, shell("exec sleep 30")));
    CHECK(outcome.exit_code == 124);
  }
}

TEST_CASE("each attempt has a log of its own, if its name says so") {
  const TempDir directory;
  const Flaky flaky("1 0");
  CHECK(run_flaky(flaky, {"--restart", "on-failure", "--prefix", "a{attempt}", "--log",
                          directory / "{attempt}.log"})
            .exit_code == 0);
  CHECK(contains(read_file(directory / "1.log"), "exited with code 1"));
  CHECK(contains(read_file(directory / "2.log"), "exited with code 0"));
}
