// job: and pid: as users type them, from another shell, PID namespace and user. The oracle is what
// the test asked the child to do.
#include <sys/stat.h>
#include <tests/integration/run_files.hpp>

#include <random>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

struct End {
  Words child;    // how it ends
  int code = 0;  // what must be told
};

End random_end(std::mt19937& random) {
  // Deadly by default, and none that is SIGCONT's or a terminal's.
  constexpr int kSignals[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 34, 64};
  if (random() % 3 == 0) {
    const int number = kSignals[random() % std::size(kSignals)];
    return {fixture("die", std::to_string(number)), 128 + number};
  }
  const int code = static_cast<int>(random() % 256);
  return {fixture("exit", std::to_string(code)), code};
}

struct Place {
  const char* name;
  Words prefix;
  bool needs_root = false;
};

const Place kPlaces[] = {
    {"another shell", {"sh", "-c", "\"$@\"; exit $?", "sh"}},
    {"another PID namespace", {"unshare", "--pid", "--fork", "--mount-proc"}, true},
    {"another user",
     {"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs"},
     true},
    {"no capabilities", {"setpriv", "--bounding-set", "-all", "--inh-caps", "-all"}, true},
};

Words wait_in(const Place& place, const std::string& directory, Words conditions) {
  return Words(place.prefix) +
         Words{toolkit_path(), "wait", "--timeout", "30s", "--state-dir", directory} +
         std::move(conditions);
}

// A state directory that others may read.
struct SharedDir : TempDir {
  SharedDir() { REQUIRE(::chmod(path().c_str(), 0755) == 0); }
};

Words run_named(const std::string& directory, const std::string& name, const Words& child) {
  return run_with({"--state-dir", directory, "--name", name}, child);
}

void run_and_wait(int rounds_wanted) {
  const bool root = ::geteuid() == 0;
  const auto seed = std::random_device{}();
  MESSAGE("seed " << seed << ", " << rounds_wanted << " rounds");
  std::mt19937 random(seed);
  const SharedDir directory;
  int wrong = 0;
  for (int i = 0; i < rounds_wanted; ++i) {
    const Place& place = kPlaces[static_cast<unsigned>(i) % std::size(kPlaces)];
    if (place.needs_root && !root) {
      continue;
    }
    const End end = random_end(random);
    const std::string name = "job" + std::to_string(i);
    const Words waiting = wait_in(place, directory.path(), {"job:" + name});
    const auto run = [&] { return run_toolkit(run_named(directory.path(), name, end.child)); };
    int told = 0;
    if (random() % 2 == 0) {  // it is there before its job
      Process waiter(waiting);
      CHECK(run().exit_code == end.code);
      told = waiter.wait().exit_code;
    } else {
      CHECK(run().exit_code == end.code);
      told = run_program(waiting).exit_code;
    }
    CAPTURE(place.name);
    CAPTURE(i);
    CHECK(told == end.code);
    wrong += told == end.code ? 0 : 1;
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("wait gives the code of a job from another shell, PID namespace and user") {
  run_and_wait(rounds(48, 1000));
}

TEST_CASE("wait gives the code of a process that is not its child") {
  const auto seed = std::random_device{}();
  MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const SharedDir directory;
  const std::string file = directory / "pid";
  for (int i = 0; i < rounds(12, 200); ++i) {
    const End end = random_end(random);
    // The file names the process; the process waits for the waiter; its parent reaps at once.
    auto run = start_toolkit(run_with({"--pid-file", file}, Words{"sh", "-c",
        "read x; exec \"$@\"", "sh"} + end.child), {.input = ""});
    (void)run;
  }
}
