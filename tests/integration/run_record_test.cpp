// The life of a job record, as a sidecar sees it: the file, the lock, the events, the PID file.
#include <toolkit/base/unique_fd.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <tests/integration/run_files.hpp>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

// fcntl(2): F_OFD_GETLK says who is in the way of an exclusive lock, without taking one.
bool is_locked(const std::string& name) {
  const toolkit::UniqueFd fd(
      ::open((state_dir() + "/" + name + "/lock").c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(fd);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  REQUIRE(::fcntl(fd.get(), F_OFD_GETLK, &lock) == 0);
  return lock.l_type != F_UNLCK;
}

constexpr const char* kJudge = R"(
import json, sys
record = json.load(open(sys.argv[1]))
keys = '''schema name generation attempt state phase argv argv_omitted pid pid_namespace pid_start_ticks boot_id
  supervisor_pid host started_at ended_at updated_at deadline_unix exit_code signal core_dumped reason message
  oom_killed oom_kills_before cgroup output_open usage stdout stderr log_path log_dropped_bytes'''.split()
assert sorted(record) == sorted(keys), set(record) ^ set(keys)
assert record['schema'] == 'toolkit.job/1'
assert record['pid'] == int(sys.argv[2]) and record['exit_code'] == 3 and record['signal'] is None
assert record['argv'][:2] == ['sh', '-c'] and record['argv'][3:] == ['x', '--password', '***', '--api-key=***'], record['argv']
assert record['boot_id'] == open('/proc/sys/kernel/random/boot_id').read().strip()
usage = record['usage']
assert 0.2 < usage['wall_seconds'] < 20 and 0.19 < usage['user_seconds'] + usage['system_seconds'] < 10, usage
assert 60 << 20 < usage['peak_rss_bytes'] < 90 << 20, usage
assert record['stdout']['lines'] == 3 and record['stderr']['lines'] == 1 and record['stderr']['bytes'] == 4
print('right')
)";

}  // namespace

TEST_CASE("a record is whole JSON with every documented key and plausible numbers") {
  const TempDir directory;
  // 64 MiB touched, some processor time, three lines and one.
  const std::string script = "echo $$; " + fixture_path() + " eat-memory 67108864; " +
                             fixture_path() + " spin 0.2; echo two; echo bad >&2; exit 3";
  const Outcome outcome = run_toolkit(
      run_with({"--name", "whole", "--log", directory / "log"},
               {"sh", "-c", script, "x", "--password", "hunter2", "--api-key=hunter3"}));
  CHECK(outcome.exit_code == 3);
  const std::string pid = lines_of(outcome.out).at(0);
  const Outcome judged = run_program({"python3", "-c", kJudge, record_path("whole"), pid});
  CHECK(judged.out == "right\n");
  CHECK(judged.err == "");
  struct stat status {};
  REQUIRE(::stat(record_path("whole").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0644);
  REQUIRE(::stat((state_dir() + "/whole").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0755);
}

TEST_CASE("a record goes through starting, running, stopping and exited under one lock") {
  const TempDir directory;
  const auto go = directory / "go", events = directory / "events";
  auto run = start_toolkit(
      run_with({"--name", "life", "--before", "while [ ! -e " + go + " ]; do sleep 0.02; done",
                "--events", events, "--grace", "20s"},
               fixture("checkpoint", "600", directory / "file", "5")));
  REQUIRE(becomes("life", "starting"));
  CHECK(is_locked("life"));
  CHECK(record_field("life", "phase") == "before");
  CHECK(record_field("life", "supervisor_pid") == std::to_string(run.pid()));
  const std::string generation = record_field("life", "generation");
  directory.write("go", "");
  REQUIRE(becomes("life", "running"));
  const std::string pid = record_field("life", "pid");
  REQUIRE(run.wait_for_out("ready"));
  CHECK(wait_until([&] { return process_state(std::atoi(pid.c_str())) == 'S'; }));
  run.signal(SIGTERM);
  REQUIRE(becomes("life", "stopping"));
  CHECK(record_field("life", "deadline_unix") != "null");
  CHECK(run.wait().exit_code == 5);
  CHECK(record_field("life", "state") == "exited");
  CHECK(record_field("life", "exit_code") == "5");
  CHECK(record_field("life", "reason") == "cancelled");
  CHECK(record_field("life", "generation") == generation);
  CHECK(record_field("life", "pid") == pid);
  CHECK_FALSE(is_locked("life"));
  CHECK(event_names(events) == "phase_started phase_ended started stopping main_ended exited");
}

TEST_CASE("a supervisor that is killed lets go of the lock, so that its record reads as lost") {
  auto run = start_toolkit(run_with({"--name", "lost"}, fixture("sleep-print", "50")));
  REQUIRE(becomes("lost", "running"));
  const pid_t child = std::atoi(record_field("lost", "pid").c_str());
  CHECK(is_locked("lost"));
  run.signal(SIGKILL);
  (void)run.wait(100ms);
  CHECK_FALSE(is_locked("lost"));  // though the child lives on: it does not hold it
  CHECK(is_alive(child));
  CHECK(record_field("lost", "state") == "running");
  send_signal(child, SIGKILL);
  // The name is free again.
  CHECK(run_toolkit(run_with({"--name", "lost"}, fixture("exit", "0"))).exit_code == 0);
  CHECK(record_field("lost", "state") == "exited");
}

TEST_CASE("a name in use is refused, and its record is left alone") {
  auto run = start_toolkit(run_with({"--name", "taken"}, fixture("sleep-print", "20")));
  REQUIRE(becomes("taken", "running"));
  const std::string before = read_file(record_path("taken"));
  const Outcome second = run_toolkit(run_with({"--name", "taken"}, fixture("exit", "0")));
  CHECK(second.exit_code == 125);
  CHECK(contains(second.err, "taken"));
  CHECK(contains(second.err, std::to_string(run.pid())));
  CHECK(read_file(record_path("taken")) == before);
  run.signal(SIGTERM);
  CHECK(run.wait().exit_code == 143);
}

TEST_CASE("a reader never sees half a record") {
  const Words often = {"--name",          "atomic", "--restart",           "always:60",
                       "--restart-delay", "1ms",    "--restart-max-delay", "1ms"};
  auto run = start_toolkit(run_with(often, fixture("exit", "0")));
  REQUIRE(wait_until([] { return file_exists(record_path("atomic")); }));
  int read = 0, torn = 0;
  while (!run.has_ended()) {
    const std::string text = read_file_or_empty(record_path("atomic"));
    torn += text.starts_with("{") && text.ends_with("}\n") ? 0 : 1;
    ++read;
  }
  CHECK(torn == 0);
  CHECK(read > 10);
  CHECK(record_field("atomic", "attempt") == "61");
}

TEST_CASE("events are one JSON object a line, in the order of what happened") {
  const TempDir directory;
  const auto events = directory / "events";
  CHECK(run_toolkit(run_with({"--name", "told", "--events", events, "--restart", "on-failure:1",
                              "--restart-delay", "10ms"},
                             fixture("exit", "4")))
            .exit_code == 4);
  CHECK(run_toolkit(run_with({"--events", events}, {"/no/such/program"})).exit_code == 127);
  CHECK(event_names(events) == "started main_ended restarting started main_ended exited failed");
  const Outcome parsed = run_program({"python3", "-c",
                                      "import json,sys\nfor l in open(sys.argv[1]): "
                                      "e=json.loads(l); print(e['event'],e['name'],e['attempt'],"
                                      "e.get('exit_code'),e.get('reason'))\ntimes=[json.loads(l)['"
                                      "time'] for l in open(sys.argv[1])]\n"
                                      "assert times==sorted(times)",
                                      events});
  CHECK(parsed.err == "");
  CHECK(parsed.out ==
        "started told 1 None None\nmain_ended told 1 4 None\nrestarting told 1 None None\n"
        "started told 2 None None\nmain_ended told 2 4 None\nexited told 2 4 exited\n"
        "failed program 1 127 None\n");
}

TEST_CASE("the PID file holds the real process while it lives") {
  const TempDir directory;
  const auto file = directory / "pid";
  auto run = start_toolkit(run_with({"--pid-file", file}, shell("echo $$; sleep 20")));
  REQUIRE(run.wait_for_out("\n"));
  REQUIRE(wait_until([&] { return !read_file_or_empty(file).empty(); }));
  CHECK(read_file(file) == run.out());
  run.signal(SIGTERM);
  CHECK(run.wait().exit_code == 143);
  CHECK_FALSE(file_exists(file));
}
