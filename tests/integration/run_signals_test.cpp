// What becomes of a signal that is sent to `run`.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <tests/integration/run_files.hpp>
#include <unistd.h>

#include <fstream>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

// 32 and 33 are glibc's own (signal(7)); KILL and STOP cannot be caught; CHLD speaks of our
// children.
bool is_forwarded(int number) {
  return number != SIGKILL && number != SIGSTOP && number != 32 && number != 33 &&
         number != SIGCHLD;
}

std::string received(int number, int code = SI_USER, long value = 0) {
  return "signal " + std::to_string(number) + " code " + std::to_string(code) + " value " +
         std::to_string(value) + "\n";
}

// With a grace that outlives the test: TERM and INT begin to stop the job.
Process start_catcher(Words options = {}) {
  auto run = start_toolkit(
      run_with(Words{"-q", "--grace", "60s"} + std::move(options), fixture("signals")));
  REQUIRE(run.wait_for_out("ready\n"));
  return run;
}

void finish_catcher(Process& run) {
  run.signal(SIGINT);
  REQUIRE(wait_until([&] { return contains(run.out(), "signal 2 "); }));
  run.signal(SIGINT);
  CHECK(run.wait().exit_code == 0);
}

void queue_signal(pid_t pid, int number, int value) {
  REQUIRE(::sigqueue(pid, number, sigval{.sival_int = value}) == 0);
}

// A main process, one in its group and one in a session of its own, each with a file of what it
// got.
struct Family {
  TempDir directory;
  Process run;
  explicit Family(const std::string& target)
      : run(start_toolkit(run_with(
            {"-q", "--grace", "60s", "--signal-to", target},
            shell(
                "F=" + fixture_path() + "; cd " + directory.path() +
                "; $F signals > group & setsid $F signals > session & exec $F signals > main")))) {
    for (const char* name : {"main", "group", "session"}) {
      REQUIRE(wait_until([&] { return contains(read_file_or_empty(directory / name), "ready"); }));
    }
  }
  [[nodiscard]] bool got(const char* name, const std::string& line) const {
    return contains(read_file_or_empty(directory / name), line);
  }
  [[nodiscard]] std::string who_got(const std::string& line) const {
    std::string names;
    for (const char* name : {"main", "group", "session"}) {
      names += got(name, line) ? std::string(names.empty() ? "" : " ") + name : "";
    }
    return names;
  }
};

}  // namespace

TEST_CASE("59 of the 60 signals that can be caught arrive as they were sent, once each") {
  auto run = start_catcher();
  int sent = 0;
  for (int number = 1; number <= 64; ++number) {
    if (is_forwarded(number) && number != SIGINT) {
      run.signal(number);
      CHECK_MESSAGE(run.wait_for_out(received(number), 5s), "signal ", number);
      ++sent;
    }
  }
  CHECK(sent == 58);
  run.signal(SIGCHLD);
  finish_catcher(run);
  CHECK(count_of(run.out(), "signal ") == 60);  // those, and INT twice: none doubled, no CHLD
}

TEST_CASE("real-time signals are queued, in order, each with its value") {
  auto run = start_catcher();
  std::string expected = "ready\n";
  for (int number = 34; number <= 64; ++number) {
    queue_signal(run.pid(), number, 1'000'000 + number);
    expected += received(number, SI_QUEUE, 1'000'000 + number);
    CHECK(run.wait_for_out(expected, 5s));
  }
  for (int value = 1; value <= 50; ++value) {
    queue_signal(run.pid(), SIGRTMIN, value);
    expected += received(34, SI_QUEUE, value);
  }
  CHECK(run.wait_for_out(expected));
  queue_signal(run.pid(), SIGUSR1, -1);
  CHECK(run.wait_for_out("signal 10 code -1 value"));
  finish_catcher(run);
}

TEST_CASE("faults that a user sends are passed on, and the child's own end it as they would") {
  for (const int number : {SIGSEGV, SIGFPE, SIGBUS, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) {
    CAPTURE(number);
    auto run = start_toolkit(run_with({"-q"}, fixture("sleep-print", "20")));
    REQUIRE(run.wait_for_out("tick"));
    run.signal(number);
    CHECK(run.wait().exit_code == 128 + number);
    CHECK(run_toolkit(run_with({"-q"}, fixture("die", std::to_string(number).c_str()))).exit_code ==
          128 + number);
  }
}

TEST_CASE("the rewrite table takes names and numbers, swaps, and swallows") {
  SUBCASE("names, numbers, with and without SIG") {
    auto run = start_catcher({"--rewrite", "TERM=USR1", "--rewrite", "sigusr2=SIGRTMIN+3",
                              "--rewrite", "1=12", "--rewrite", "RTMAX=WINCH"});
    for (const auto& [from, to] :
         {std::pair{SIGTERM, SIGUSR1}, {SIGUSR2, 37}, {SIGHUP, SIGUSR2}, {64, SIGWINCH}}) {
      run.signal(from);
      CHECK_MESSAGE(run.wait_for_out(received(to), 5s), from, " as ", to);
    }
    finish_catcher(run);
    CHECK(count_of(run.out(), "signal ") == 6);
  }
  SUBCASE("two signals change places") {
    auto run = start_catcher({"--rewrite", "USR1=USR2", "--rewrite", "USR2=USR1"});
    run.signal(SIGUSR1);
    CHECK(run.wait_for_out(received(SIGUSR2), 5s));
    run.signal(SIGUSR2);
    CHECK(run.wait_for_out(received(SIGUSR1), 5s));
    finish_catcher(run);
  }
  SUBCASE("0 swallows, and a swallowed TERM does not begin to stop the job") {
    auto run = start_toolkit(run_with(
        {"--grace", "300ms", "--rewrite", "TERM=0", "--rewrite", "15=0", "--rewrite", "WINCH=0"},
        fixture("signals")));
    REQUIRE(run.wait_for_out("ready\n"));
    run.signal(SIGTERM);
    run.signal(SIGWINCH);
    std::this_thread::sleep_for(600ms);
    run.signal(SIGHUP);
    CHECK(run.wait_for_out(received(SIGHUP), 5s));
    CHECK(count_of(run.out(), "signal ") == 1);
    CHECK(run.err().empty());
  }
  SUBCASE("a queued value travels with the signal that it became") {
    auto run = start_catcher({"--rewrite", "USR1=RTMIN+1"});
    queue_signal(run.pid(), SIGUSR1, 4711);
    CHECK(run.wait_for_out(received(35, SI_QUEUE, 4711), 5s));
    finish_catcher(run);
  }
}

TEST_CASE("--signal-to says who gets it") {
  SUBCASE("group") {
    const Family family("group");
    family.run.signal(SIGUSR1);
    CHECK(wait_until([&] { return family.got("group", received(SIGUSR1)); }));
    queue_signal(family.run.pid(), SIGRTMIN, 5);
    CHECK(wait_until([&] { return family.got("group", received(34, SI_QUEUE, 5)); }));
    CHECK(family.who_got(received(34, SI_QUEUE, 5)) == "main group");
    CHECK(family.who_got("signal") == "main group");
  }
  SUBCASE("process") {
    const Family family("process");
    family.run.signal(SIGUSR1);
    CHECK(wait_until([&] { return family.got("main", received(SIGUSR1)); }));
    std::this_thread::sleep_for(50ms);
    CHECK(family.who_got("signal") == "main");
  }
  SUBCASE("tree") {
    const Family family("tree");
    family.run.signal(SIGTERM);
    CHECK(wait_until([&] { return family.who_got(received(SIGTERM)) == "main group session"; }));
    queue_signal(family.run.pid(), SIGRTMIN, 6);
    CHECK(wait_until(
        [&] { return family.who_got(received(34, SI_QUEUE, 6)) == "main group session"; }));
  }
}

// As torchrun does: every rank in a session of its own, SIGUSR1 kept from them by the launcher.
TEST_CASE(
    "ranks that a launcher has put into their own sessions can be reached, and are not left") {
  const TempDir directory;
  const std::string ranks = "for i in 0 1 2; do setsid " + fixture_path() + " signals > " +
                            directory.path() + "/rank-$i & done; trap '' USR1; wait; wait; wait";
  const auto count = [&](const char* text) {
    int found = 0;
    for (const char* name : {"rank-0", "rank-1", "rank-2"}) {
      found += contains(read_file_or_empty(directory / name), text) ? 1 : 0;
    }
    return found;
  };
  SUBCASE("a notice reaches every rank with --signal-to tree") {
    auto run = start_toolkit(run_with({"-q", "--signal-to", "tree"}, shell(ranks)));
    REQUIRE(wait_until([&] { return count("ready") == 3; }));
    run.signal(SIGUSR1);
    CHECK(wait_until([&] { return count("signal 10") == 3; }));
  }
  SUBCASE("the launcher dies of SIGTERM: the ranks have the grace, then go") {
    auto run = start_toolkit(run_with({"--grace", "500ms"}, shell(ranks)));
    REQUIRE(wait_until([&] { return count("ready") == 3; }));
    const auto pids = descendants_of(run.pid());
    run.signal(SIGTERM);
    CHECK(run.wait().exit_code == 143);
    CHECK(count("signal") == 0);
    for (const pid_t pid : pids) {
      CHECK_FALSE(is_alive(pid));
    }
  }
}

TEST_CASE("signals of our own making stay with us") {
  const TempDir directory;
  const auto got = directory / "got";
  SUBCASE("a console that nobody reads any more does not reach the child as SIGPIPE") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    ::close(ends[0]);
    const Outcome outcome =
        run_toolkit(run_with({"-q", "--log", directory / "log"},
                             shell("trap 'echo PIPE >" + got +
                                   "' PIPE; for i in 1 2 3 4 5; do echo $i; sleep 0.05; done; "
                                   "exit 7")),
                    {.stdout_fd = ends[1]});
    ::close(ends[1]);
    CHECK(outcome.exit_code == 7);
    CHECK_FALSE(file_exists(got));
    CHECK(contains(read_file(directory / "log"), ": 5\n"));
  }
  SUBCASE("words of ours that nobody reads do not, either") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    ::close(ends[0]);
    auto run =
        start_toolkit(run_with({"--grace", "60s"}, fixture("signals")), {.stderr_fd = ends[1]});
    ::close(ends[1]);
    REQUIRE(run.wait_for_out("ready\n"));
    run.signal(SIGTERM);  // begins to stop the job, which is worth a line
    CHECK(run.wait_for_out(received(SIGTERM)));
    std::this_thread::sleep_for(100ms);
    finish_catcher(run);
    CHECK(count_of(run.out(), "signal ") == 3);
  }
  SUBCASE("a log that may not grow any more does not reach it as SIGXFSZ") {
    const std::string child =
        "trap \"echo XFSZ >" + got +
        "\" XFSZ; i=0; while [ $i -lt 400 ]; do echo a line of some length $i; i=$((i+1)); done; "
        "sleep 0.2; exit 7";
    const Outcome outcome =
        run_program(shell("ulimit -f 8; exec " + toolkit_path() + " run -q --console none --log " +
                          directory / "log" + " -- sh -c '" + child + "'"));
    CHECK(outcome.exit_code == 7);
    CHECK_FALSE(file_exists(got));
  }
}

TEST_CASE("a child that stops is not ended by that, and goes on when told") {
  auto run = start_toolkit(run_with({"-q"}, fixture("stop-self", "20")));
  REQUIRE(wait_until([&] {
    const auto children = children_of(run.pid());
    return children.size() == 1 && process_state(children[0]) == 'T';
  }));
  CHECK(process_state(run.pid()) != 'T');  // nobody's job: nothing to hand back to a shell
  run.signal(SIGCONT);
  CHECK(run.wait_for_out("continued"));
  CHECK(run.wait().exit_code == 0);
}

TEST_CASE("what the child ignores and blocks is what we were given, whatever that is") {
  // nohup(1) ignores HUP; a job scheduler may block TERM; nobody should ignore CHLD, and some do.
  const Outcome outcome =
      run_program({"env", "--ignore-signal=HUP,CHLD,USR1", "--block-signal=TERM", toolkit_path(),
                   "run", "-q", "--", "cat", "/proc/self/status"});
  CHECK(outcome.exit_code == 0);
  const auto mask = [&](const std::string& name) {
    const auto at = outcome.out.find(name + ":\t");
    REQUIRE(at != std::string::npos);
    const std::uint64_t glibcs_own = 3ULL << 31;  // 32 and 33: posix_spawn(3) leaves them ignored
    return std::stoull(outcome.out.substr(at + name.size() + 2, 16), nullptr, 16) & ~glibcs_own;
  };
  CHECK(mask("SigIgn") == (1ULL << (SIGHUP - 1) | 1ULL << (SIGCHLD - 1) | 1ULL << (SIGUSR1 - 1)));
  CHECK(mask("SigBlk") == 1ULL << (SIGTERM - 1));
}
