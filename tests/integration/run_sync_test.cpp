// `toolkit run --sync`: what the job writes is elsewhere when it is over.
#include <signal.h>
#include <tests/integration/run_files.hpp>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

Words run_with(const TempDir& d, const Words& more, const std::string& script) {
  return Words{"run", "--log", d / "a/train.log", "--sync", (d / "a/") + "=" + (d / "b/")} + more +
         Words{"--", "sh", "-c", script};
}

}  // namespace

TEST_CASE("run --sync: the whole log is there at the end, and the exit code is the child's") {
  const TempDir d;
  const Outcome outcome = run_toolkit(run_with(d, {}, "echo one; sleep 0.2; echo two; exit 3"));
  CHECK(outcome.exit_code == 3);
  CHECK(read_file(d / "b/train.log") == read_file(d / "a/train.log"));
  CHECK(contains(read_file(d / "b/train.log"), "exited with code 3"));
  CHECK_FALSE(file_exists(d / "b/.toolkit-sync-claim"));
}

TEST_CASE("run --sync: what is written while it goes on arrives while it goes on") {
  const TempDir d;
  Process job = start_toolkit(run_with(d, {}, "echo early; exec sleep 30"));
  CHECK(wait_until([&] { return contains(read_file_or_empty(d / "b/train.log"), "early"); }));
  job.signal(SIGTERM);
  CHECK(job.wait().exit_code == 128 + SIGTERM);
}

TEST_CASE("run --sync: a checkpoint that is saved at SIGTERM is there inside the grace") {
  const TempDir d;
  Process job =
      start_toolkit(run_with(d, {"--grace", "10s"},
                             "trap 'sleep 0.3; echo saved > " + (d / "a/last.ckpt") +
                                 "; exit 0' TERM; echo up; while :; do sleep 0.05; done"));
  CHECK(job.wait_for_out("up"));
  job.signal(SIGTERM);
  const Outcome outcome = job.wait();
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.seconds < 10);
  CHECK(read_file(d / "b/last.ckpt") == "saved\n");
  CHECK(read_file(d / "b/train.log") == read_file(d / "a/train.log"));
}

TEST_CASE("run --sync: a destination that cannot be written changes no exit code and is told") {
  const TempDir d;
  d.write("b", "a file where a directory should be");
  const Outcome outcome = run_toolkit(run_with(d, {"--grace", "2s"}, "exit 4"));
  CHECK(outcome.exit_code == 4);
  CHECK(contains(outcome.err, "sync: "));
}

TEST_CASE("run --sync: only what its filters let through") {
  const TempDir d;
  d.write("a/secret.env", "x");
  const Outcome outcome = run_toolkit(run_with(d, {"--sync-filter", "- *.env"}, "true"));
  CHECK(outcome.exit_code == 0);
  CHECK(file_exists(d / "b/train.log"));
  CHECK_FALSE(file_exists(d / "b/secret.env"));
}

TEST_CASE("run --sync: mistakes are told before the child starts") {
  for (const char* const pair : {"nope", "/tmp/=ftp://host/x", "/tmp/=host::module/x"}) {
    const Outcome outcome =
        run_toolkit({"run", "--sync", pair, "--", fixture_path(), "print", "started"});
    CAPTURE(pair);
    CHECK(outcome.exit_code == 125);
    CHECK(contains(outcome.err, "toolkit run: --sync: "));
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("run --sync: a later sync of the same places goes on with its journal") {
  const TempDir d;
  CHECK(run_toolkit(run_with(d, {"--state-dir", d / "state"}, "echo one")).exit_code == 0);
  CHECK(run_program({"sh", "-c", "ls \"$0\"/sync/*.journal", d / "state"}).exit_code == 0);
}
