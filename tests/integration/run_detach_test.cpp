// In the background: what the caller is told, and what goes on without it.
#include <signal.h>
#include <tests/integration/run_files.hpp>

#include <filesystem>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

struct Detached {
  std::string name;
  pid_t pid = 0, supervisor = 0;
  double seconds = 0;
};

// The call itself, not its pipes: the background must not hold them either.
Detached detach(Words options, const Words& child) {
  auto caller = start_toolkit(run_with(Words{"--detach"} + std::move(options), child));
  const Outcome outcome = caller.wait(2s);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.err == "");
  std::istringstream words(outcome.out);
  Detached job;
  words >> job.name >> job.pid;
  CHECK(outcome.out == job.name + " " + std::to_string(job.pid) + "\n");
  job.supervisor = std::atoi(record_field(job.name, "supervisor_pid").c_str());
  job.seconds = outcome.seconds;
  return job;
}

bool is_over(const Detached& job) {
  return wait_until([&] { return record_field(job.name, "state") == "exited"; });
}

}  // namespace

TEST_CASE("the caller gets the name and the process number, and the job goes on without it") {
  const TempDir directory;
  const auto log = directory / "log";
  const Detached job =
      detach({"--name", "background", "--log", log},
             shell("echo $$; read x || echo no input; sleep 1; echo done; exit 4"));
  CHECK(job.name == "background");
  CHECK(job.seconds < relaxed(0.9));
  CHECK(is_alive(job.pid));
  CHECK(record_field("background", "state") == "running");
  CHECK(record_field("background", "pid") == std::to_string(job.pid));
  CHECK(status_field(job.supervisor, "NSsid") == std::to_string(job.supervisor));
  CHECK(is_over(job));
  CHECK(record_field("background", "exit_code") == "4");
  const std::string text = read_file(log);
  CHECK(contains(text, ": " + std::to_string(job.pid) + "\n"));  // the real one, no shell between
  CHECK(contains(text, ": no input\n"));
  CHECK(contains(text, ": done\n"));
  CHECK(contains(text, "run: exited with code 4"));
}

TEST_CASE("a caller whose stdout is full is told so, and the job runs all the same") {
  LaunchOptions options;
  options.env["TOOLKIT_STATE_DIR"] = state_dir();
  const std::string line = "exec \"$0\" run --detach --name unheard -- sleep 0.3 >/dev/full";
  const Outcome outcome = run_program({"sh", "-c", line, toolkit_path()}, options);
  CHECK(outcome.exit_code == 1);
  CHECK(contains(outcome.err, "toolkit run: cannot write to stdout that unheard "));
  CHECK(contains(outcome.err, " has started: no space left on device"));
  CHECK(wait_until([&] { return record_field("unheard", "state") == "exited"; }));
  CHECK(record_field("unheard", "exit_code") == "0");
}

TEST_CASE("a SIGTERM to the supervisor stops a background job with its grace") {
  const TempDir directory;
  const auto file = directory / "file";
  const Detached job = detach({"--name", "asked", "--grace", "20s", "--log", directory / "log"},
                              fixture("checkpoint", "300", file, "6"));
  REQUIRE(wait_until([&] { return contains(read_file_or_empty(directory / "log"), "ready"); }));
  send_signal(job.supervisor, SIGTERM);
  CHECK(is_over(job));
  CHECK(record_field("asked", "exit_code") == "6");
  CHECK(record_field("asked", "reason") == "cancelled");
  CHECK(read_file_or_empty(file) == "checkpoint\n");
}

TEST_CASE("a job without a name is called after its command, and a second one gets a number") {
  const TempDir directory;
  const auto script = directory.write("train_x.sh", "sleep 20\n");
  const Detached first = detach({}, {"sh", script}), second = detach({}, {"sh", script});
  CHECK(first.name == "train_x");
  CHECK(second.name == "train_x-" + std::to_string(second.supervisor));
  for (const Detached& job : {first, second}) {
    send_signal(job.supervisor, SIGTERM);
    CHECK(is_over(job));
  }
}

TEST_CASE("what goes wrong in the background reaches the caller") {
  const auto refused = [](Words options, const Words& child) {
    return run_toolkit(run_with(Words{"--detach"} + std::move(options), child));
  };
  const Outcome missing = refused({"--name", "missing"}, {"/no/such/program"});
  CHECK(missing.exit_code == 127);
  CHECK(missing.out == "");
  CHECK(contains(missing.err, "toolkit run: "));
  CHECK(contains(missing.err, "/no/such/program"));
  CHECK(record_field("missing", "state") == "exited");
  CHECK(refused({}, {"/etc/passwd"}).exit_code == 126);
  const Outcome log = refused({"--log", "/proc/nowhere/log"}, fixture("exit", "0"));
  CHECK(log.exit_code == 125);
  CHECK(contains(log.err, "/proc/nowhere/log"));
  CHECK(contains(log.err, "  try: "));
  const Outcome hook = refused({"--before", "exit 3"}, fixture("exit", "0"));
  CHECK(hook.exit_code == 125);
  CHECK(contains(hook.err, "--before"));

  const Detached job = detach({"--name", "single"}, fixture("sleep-print", "50"));
  const Outcome taken = refused({"--name", "single"}, fixture("exit", "0"));
  CHECK(taken.exit_code == 125);
  CHECK(contains(taken.err, "single"));
  send_signal(job.supervisor, SIGTERM);
  CHECK(is_over(job));
}

TEST_CASE("a closed terminal does not end a background job") {
  // script(1) gives a terminal of its own; when it ends the kernel hangs it up.
  const TempDir directory;
  const auto log = directory / "log";
  const std::string command = "TOOLKIT_STATE_DIR=" + state_dir() + " " + toolkit_path() +
                              " run --detach --name hangup --log " + log + " -- " + fixture_path() +
                              " sleep-print 20 60";
  const Outcome outcome = run_program({"script", "-qec", command, "/dev/null"}, {.input = ""});
  CHECK(contains(outcome.out, "hangup "));
  CHECK(wait_until([] { return record_field("hangup", "state") == "exited"; }));
  CHECK(record_field("hangup", "exit_code") == "0");
  CHECK(contains(read_file(log), "tick 60"));
}
