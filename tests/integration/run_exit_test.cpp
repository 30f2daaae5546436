// How a child ended, told exactly: by the exit code, by the record, by our own death.
#include <signal.h>
#include <tests/integration/run_files.hpp>

using namespace toolkit::support;

namespace {

const int kFatal[] = {SIGHUP,  SIGINT,    SIGQUIT, SIGILL,  SIGTRAP,   SIGABRT, SIGBUS,
                      SIGFPE,  SIGKILL,   SIGUSR1, SIGSEGV, SIGUSR2,   SIGPIPE, SIGALRM,
                      SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO,
                      SIGPWR,  SIGSYS,    34,      50,      64};

Outcome die_of(int number, Words options) {
  return run_toolkit(run_with(std::move(options), fixture("die", std::to_string(number).c_str())));
}

}  // namespace

TEST_CASE("every exit code from 0 to 255 is the child's") {
  for (int code = 0; code <= 255; ++code) {
    CHECK(run_toolkit(run_with({"-q"}, fixture("exit", std::to_string(code).c_str()))).exit_code ==
          code);
  }
}

TEST_CASE("a fatal signal is 128+N, and the record keeps code and signal apart") {
  for (const int number : kFatal) {
    CAPTURE(number);
    CHECK(die_of(number, {"--name", "fatal"}).exit_code == 128 + number);
    CHECK(record_field("fatal", "state") == "exited");
    CHECK(record_field("fatal", "exit_code") == std::to_string(128 + number));
    CHECK(record_field("fatal", "signal") == std::to_string(number));
    CHECK(record_field("fatal", "reason") == "signal");
  }
}

TEST_CASE("an exit code above 128 is not taken for a signal") {
  const Outcome outcome = run_toolkit(run_with({"--name", "looks-fatal"}, fixture("exit", "137")));
  CHECK(outcome.exit_code == 137);
  CHECK(record_field("looks-fatal", "signal") == "null");
  CHECK(record_field("looks-fatal", "reason") == "exited");
  CHECK(contains(outcome.err, "exited with code 137"));
}

TEST_CASE("the end is said in one line when it is no success, and not at all when it is") {
  const Outcome failed = run_toolkit(run_with({}, fixture("exit", "3")));
  CHECK(count_of(failed.err, "\n") == 1);
  CHECK(contains(failed.err, "ERROR run: exited with code 3; "));
  CHECK(contains(die_of(SIGSEGV, {}).err, "ERROR run: killed by SIGSEGV"));
  CHECK(run_toolkit(run_with({}, fixture("exit", "0"))).err.empty());
}

TEST_CASE("--die-like-child ends us by the child's own signal") {
  for (const int number : kFatal) {
    CAPTURE(number);
    const Outcome outcome = die_of(number, {"-q", "--die-like-child", "--name", "alike"});
    CHECK(outcome.signal == number);
    CHECK(record_field("alike", "exit_code") == std::to_string(128 + number));
  }
  CHECK(run_toolkit(run_with({"-q", "--die-like-child"}, fixture("exit", "143"))).exit_code == 143);
  // 124 is what the caller of --timeout waits for.
  CHECK(run_toolkit(run_with({"-q", "--die-like-child", "--timeout", "100ms"}, {"sleep", "20"}))
            .exit_code == 124);
}

TEST_CASE("--map-exit changes the code, for the caller and the record alike") {
  const Words maps = {"-q", "--map-exit", "143=0", "--map-exit", "3=42", "--name", "mapped"};
  CHECK(run_toolkit(run_with(maps, fixture("exit", "3"))).exit_code == 42);
  CHECK(record_field("mapped", "exit_code") == "42");
  CHECK(run_toolkit(run_with(maps, fixture("die", "15"))).exit_code == 0);
  CHECK(record_field("mapped", "signal") == "15");
  CHECK(run_toolkit(run_with(maps, fixture("exit", "42"))).exit_code == 42);  // not mapped on
  CHECK(run_toolkit(run_with(maps, fixture("exit", "5"))).exit_code == 5);
}

TEST_CASE("the status is known even when our parent ignores SIGCHLD") {
  const Outcome outcome =
      run_program(Words{"env", "--ignore-signal=CHLD", toolkit_path(), "run", "-q", "--"} +
                      fixture("exit", "9"),
                  {.limit = std::chrono::seconds(10)});
  CHECK(outcome.exit_code == 9);
}

TEST_CASE("orphans and their statuses do not disturb the child's") {
  const Outcome outcome =
      run_toolkit(run_with({"-q"}, shell("for i in 1 2 3 4 5 6 7 8 9; do (" + fixture_path() +
                                         " exit $i &) ; done; sleep 0.1; exit 77")));
  CHECK(outcome.exit_code == 77);
}
