// Nobody is left: a tree of 500 that does not want to go is gone and reaped when `run` returns.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <tests/integration/run_files.hpp>
#include <unistd.h>

#include <cmath>
#include <filesystem>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

// 250 in sessions of their own, 50 daemons that nobody is parent of, 50 deaf to SIGTERM, 10
// stopped.
const Words kTree = {"500", "250", "50", "50", "10"};

// "2026-11-23T06:46:36.392Z"; both ends are compared within one hour.
double seconds_in_hour(const std::string& time) {
  return std::atof(time.substr(14, 2).c_str()) * 60 + std::atof(time.substr(17, 6).c_str());
}

double since(const std::string& time) {
  const double passed = std::fmod(unix_now(), 3600) - seconds_in_hour(time);
  return passed < 0 ? passed + 3600 : passed;
}

std::string time_of_event(const std::string& events, const std::string& name) {
  for (const std::string& line : lines_of(events)) {
    if (json_field(line, "event") == name) {
      return json_field(line, "time");
    }
  }
  return "";
}

bool we_have_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

struct Way {
  Words before;   // what starts toolkit
  Words options;  // of run
};

pid_t supervisor_of(const Process& process, const Way& way) {
  if (way.before.empty()) {
    return process.pid();
  }
  const auto below = children_of(process.pid());
  REQUIRE(below.size() == 1);
  return below.front();
}

// Where the kernel's version 2 hierarchy lies: below the others where both are in use.
const char* cgroup_mount() {
  const char* const below = "/sys/fs/cgroup/unified";
  return ::access(below, F_OK) == 0 ? below : "/sys/fs/cgroup";
}

bool has_a_cgroup(pid_t supervisor) {
  const std::string name = "toolkit-" + std::to_string(supervisor);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cgroup_mount())) {
    if (entry.path().filename() == name) {
      return true;
    }
  }
  return false;
}

double stop_a_tree(const Way& way, int round) {
  const TempDir directory;
  const std::string marker = "tree-" + std::to_string(::getpid()) + "-" + std::to_string(round);
  const std::string events = directory / "events";
  const Words options = Words{"--grace", "300ms", "--events", events} + way.options;
  Process run(way.before + Words{toolkit_path()} +
              run_with(options, fixture("fork-tree") + kTree + Words{marker}));
  REQUIRE(run.wait_for_out("ready\n"));
  REQUIRE(processes_with_argument(marker).size() >= 501);
  const pid_t supervisor = supervisor_of(run, way);
  send_signal(supervisor, SIGTERM);
  const Outcome& outcome = run.wait();
  const double seconds = since(time_of_event(read_file(events), "killing"));
  CHECK(outcome.exit_code == 143);
  const auto left = processes_with_argument(marker);
  CHECK(left.empty());
  for (const pid_t pid : left) {
    send_signal(pid, SIGKILL);
  }
  CHECK_FALSE(we_have_children());  // no zombie came to us either
  CHECK(event_names(events) == "started stopping main_ended killing exited");
  CHECK_FALSE(has_a_cgroup(supervisor));
  return seconds;
}

// We are the next subreaper, so that whatever `run` forgets becomes our child.
void stop_trees(const Way& way, double limit) {
  REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
  std::vector<double> times;
  for (int round = 0; round < rounds(5, 1000); ++round) {
    times.push_back(stop_a_tree(way, round));
  }
  std::sort(times.begin(), times.end());
  MESSAGE(times.size(), " trees: ", times[times.size() / 2] * 1000,
          " ms from KILL to our end (median), ", times.back() * 1000, " ms at most");
  CHECK(times[times.size() / 2] < limit);
}

bool is_root_with(const char* path) { return ::geteuid() == 0 && ::access(path, W_OK) == 0; }

}  // namespace

TEST_SUITE_BEGIN("serial");

TEST_CASE("a tree of 500 is gone and reaped after the grace, as subreaper") {
  stop_trees({}, relaxed(0.25));
}

TEST_CASE("a tree of 500 is gone and reaped after the grace, as process 1") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: a PID namespace needs root");
    return;
  }
  stop_trees({{"unshare", "--pid", "--fork", "--mount-proc"}, {}}, relaxed(0.25));
}

TEST_CASE("a tree of 500 is gone and reaped after the grace, in a cgroup of its own") {
  if (!is_root_with((std::string(cgroup_mount()) + "/cgroup.procs").c_str())) {
    MESSAGE("skipped: no cgroup v2 hierarchy that can be written");
    return;
  }
  stop_trees({{}, {"--own-cgroup"}}, relaxed(0.25));
}

TEST_CASE("a tree that forks faster than it is killed is gone too") {
  // Every process starts two more and ends: a walk over /proc alone is always late.
  const std::string marker = "forking-" + std::to_string(::getpid());
  const std::string script =
      "import os,signal,sys,time\n"
      "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
      "end = time.time() + 20\n"
      "for i in range(8):\n"
      "    if os.fork() == 0: break\n"
      "else:\n"
      "    print('ready', flush=True); time.sleep(30)\n"
      "while time.time() < end:\n"
      "    pid = os.fork()\n"
      "    if pid: os._exit(0)\n"
      "    os.setsid()\n";
  auto run = start_toolkit(run_with({"--grace", "200ms"}, {"python3", "-c", script, marker}));
  REQUIRE(run.wait_for_out("ready"));
  run.signal(SIGTERM);
  const Outcome& outcome = run.wait();
  CHECK(outcome.exit_code == 137);
  CHECK(outcome.seconds < 15);
  CHECK(processes_with_argument(marker).empty());
}

TEST_CASE("a thousand orphans are reaped while the child lives") {
  auto run =
      start_toolkit(run_with({}, shell(fixture_path() + " orphans 1000; echo done; sleep 20")));
  REQUIRE(run.wait_for_out("done"));
  CHECK(wait_until([&] { return descendants_of(run.pid()).size() == 2; }, 5s));  // sh, sleep
  run.signal(SIGTERM);
  CHECK(run.wait().exit_code == 143);
}

TEST_SUITE_END();
