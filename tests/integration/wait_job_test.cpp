// job: and pid: as users type them, from another shell, PID namespace and user. The oracle is what
// the test asked the child to do.
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <tests/integration/run_files.hpp>

#include <filesystem>
#include <random>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

struct End {
  Words child;   // how it ends
  int code = 0;  // what must be told
};

End random_end(std::mt19937& random) {
  // Deadly by default, and none that is SIGCONT's or a terminal's.
  constexpr int kSignals[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                              11, 12, 13, 14, 15, 16, 24, 25, 34, 64};
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

// It has the process by its pidfd, as /proc shows it: nothing that happens now can be missed.
bool holds_a_process(pid_t waiter) {
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(waiter) + "/fd", ignored)) {
    if (contains(std::filesystem::read_symlink(entry.path(), ignored).string(), "pidfd")) {
      return true;
    }
  }
  return false;
}

// A shell that becomes the child when `go` is there.
Words when(const std::string& go, const Words& child) {
  return Words{"sh", "-c", "while [ ! -e " + go + " ]; do sleep 0.01; done; exec \"$@\"", "sh"} +
         child;
}

int field_as_number(const std::string& directory, const std::string& name, const char* key) {
  return std::atoi(
      json_field(read_file_or_empty(directory + "/" + name + "/job.json"), key).c_str());
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
  for (int i = 0; i < rounds(16, 200); ++i) {
    const End end = random_end(random);
    const std::string go = directory / ("go" + std::to_string(i)), file = go + ".pid";
    auto run = start_toolkit(run_with({"--pid-file", file}, when(go, end.child)));
    const bool other_user = i % 2 == 1 && ::geteuid() == 0;
    Process waiter(wait_in(kPlaces[other_user ? 2 : 3], directory.path(), {"pid:@" + file}));
    REQUIRE(wait_until([&] { return holds_a_process(waiter.pid()); }));
    directory.write("go" + std::to_string(i), "");
    CAPTURE(other_user);
    CHECK(run.wait().exit_code == end.code);
    CHECK(waiter.wait().exit_code == end.code);
  }
}

TEST_CASE("the stages of a pipeline, each with its code, as the shell that ran it has them") {
  const auto seed = std::random_device{}();
  MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const SharedDir directory;
  for (int i = 0; i < rounds(4, 100); ++i) {
    std::string pipeline, conditions;
    for (const char* stage : {"load", "train", "store"}) {
      const std::string name = stage + std::to_string(i);
      const End end = random() % 4 == 0 ? End{fixture("exit", "0"), 0} : random_end(random);
      std::string words =
          toolkit_path() + " run -q --state-dir " + directory.path() + " --name " + name + " --";
      for (const std::string& word : end.child) {
        words += " " + word;
      }
      pipeline += (pipeline.empty() ? "" : " | ") + words;
      conditions += " job:" + name;
    }
    const Words wait_all =
        shell("exec " + toolkit_path() + " wait --json --timeout 30s --state-dir " +
              directory.path() + conditions);
    Process early(wait_all);
    const Outcome shell_says = run_program({"bash", "-c", pipeline + "; echo ${PIPESTATUS[@]}"});
    const Outcome late = run_program(wait_all);
    for (const Outcome& outcome : {early.wait(), late}) {
      std::string codes;
      int first = 0;
      const auto json = nlohmann::json::parse(outcome.out);
      for (const auto& stage : json.at("conditions")) {
        const int code = stage.at("exit_code").get<int>();
        codes += (codes.empty() ? "" : " ") + std::to_string(code);
        first = first == 0 ? code : first;
      }
      CHECK(codes + "\n" == shell_says.out);
      CHECK(outcome.exit_code == first);
    }
  }
}

TEST_CASE("a supervisor that is killed at any time is lost within two seconds") {
  const auto seed = std::random_device{}();
  MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const SharedDir directory;
  for (int i = 0; i < 50; ++i) {
    CAPTURE(i);
    const std::string name = "job" + std::to_string(i);
    Process waiter(wait_in(kPlaces[0], directory.path(), {"job:" + name}));
    Words command = run_with({"--state-dir", directory.path(), "--name", name, "--die-with-parent"},
                             fixture("sleep-print", "5", "200"));
    auto run = start_toolkit(std::move(command));
    REQUIRE(wait_until([&] { return file_exists(directory / (name + "/lock")); }));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
    run.signal(SIGKILL);
    const auto killed = std::chrono::steady_clock::now();
    const Outcome& outcome = waiter.wait();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - killed;
    CHECK(outcome.exit_code == 120);
    CHECK(seconds.count() < relaxed(2));
    CHECK(contains(outcome.err, "its supervisor died: last known as "));
    CHECK(contains(outcome.err, "attempt 1, "));
  }
}

TEST_CASE("a job of another PID namespace is over with its code, and lost with it") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: another PID namespace needs root");
    return;
  }
  const SharedDir directory;
  const Words apart{"unshare", "--pid", "--fork", "--kill-child", "--mount-proc", toolkit_path()};
  const auto go = directory / "go";
  Process run(apart + run_named(directory.path(), "apart", when(go, fixture("exit", "29"))));
  Process waiter(wait_in(kPlaces[2], directory.path(), {"job:apart"}));
  REQUIRE(wait_until([&] { return field_as_number(directory.path(), "apart", "pid") > 0; }));
  CHECK_FALSE(waiter.has_ended());
  directory.write("go", "");
  CHECK(waiter.wait().exit_code == 29);
  CHECK(run.wait().exit_code == 29);

  Process doomed(apart + run_named(directory.path(), "doomed", fixture("sleep-print", "100")));
  REQUIRE(wait_until([&] { return field_as_number(directory.path(), "doomed", "pid") > 0; }));
  Process witness(wait_in(kPlaces[0], directory.path(), {"job:doomed"}));
  doomed.signal(SIGKILL);
  CHECK(witness.wait().exit_code == 120);
}

TEST_CASE("a job that is restarted is over only at its last end") {
  const SharedDir directory;
  Process waiter(wait_in(kPlaces[0], directory.path(), {"job:again"}));
  Words options{"--state-dir", directory.path(), "--name", "again"};
  options = options + Words{"--restart", "on-failure:3", "--restart-delay", "50ms"};
  CHECK(run_toolkit(run_with(options, fixture("exit", "6"))).exit_code == 6);
  CHECK(waiter.wait().exit_code == 6);
  CHECK(field_as_number(directory.path(), "again", "attempt") == 4);
}

TEST_CASE("a detached job, waited for until it runs and until it is over") {
  const SharedDir directory;
  const auto go = directory / "go";
  const Words place{"--state-dir", directory.path()};
  Process early(wait_in(kPlaces[0], directory.path(), {"job:back state=running"}));
  CHECK(run_toolkit(
            run_with(place + Words{"--detach", "--name", "back"}, when(go, fixture("exit", "17"))))
            .exit_code == 0);
  CHECK(early.wait().exit_code == 0);
  Process late(wait_in(kPlaces[0], directory.path(), {"job:back"}));
  directory.write("go", "");
  CHECK(late.wait().exit_code == 17);
  CHECK(run_program(wait_in(kPlaces[0], directory.path(), {"job:back state=running"})).exit_code ==
        17);
}

TEST_CASE("a code that was asked for is success, another is the exit code") {
  const SharedDir directory;
  CHECK(run_toolkit(run_named(directory.path(), "three", fixture("exit", "3"))).exit_code == 3);
  const auto wait = [&](const char* condition) {
    return run_program(wait_in(kPlaces[0], directory.path(), {condition})).exit_code;
  };
  CHECK(wait("job:three") == 3);
  CHECK(wait("job:three code=3") == 0);
  CHECK(wait("job:three code=0") == 3);
}

TEST_CASE("only a new job of the name counts when that is asked for") {
  const SharedDir directory;
  CHECK(run_toolkit(run_named(directory.path(), "twice", fixture("exit", "3"))).exit_code == 3);
  Process waiter(wait_in(kPlaces[0], directory.path(), {"job:twice new=yes"}));
  std::this_thread::sleep_for(300ms);
  CHECK_FALSE(waiter.has_ended());
  CHECK(run_toolkit(run_named(directory.path(), "twice", fixture("exit", "4"))).exit_code == 4);
  CHECK(waiter.wait().exit_code == 4);
}

TEST_CASE("what cannot be waited for is said at once") {
  const Outcome outcome = run_toolkit({"wait", "pid:4194304"});
  CHECK(outcome.exit_code == 122);
  CHECK(contains(outcome.err, "no process 4194304"));
  const Outcome mistake = run_toolkit({"wait", "job:-etc"});
  CHECK(mistake.exit_code == 2);
  CHECK(contains(mistake.err, "is not a job name"));
}
