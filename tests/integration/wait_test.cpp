// `toolkit wait` as its users meet it: ends, codes, words, and the program that it becomes.
#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/stat.h>
#include <tests/integration/run_files.hpp>
#include <unistd.h>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

Words wait_for(const Words& words) { return Words{"wait"} + words; }

}  // namespace

TEST_CASE("a condition that holds ends the wait at once and without a word") {
  const TempDir d;
  const Outcome outcome = run_toolkit(wait_for({"file:" + d.write("there", "")}));
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.empty());
}

TEST_CASE("the deadline is told with what was missing and why") {
  const TempDir d;
  const Outcome outcome = run_toolkit(wait_for(
      {"--timeout", "300ms", "file:" + d.write("there", ""), "tcp://127.0.0.1:1", "file:/none"}));
  CHECK(outcome.exit_code == 124);
  CHECK(outcome.seconds >= 0.3);
  CHECK(contains(outcome.err, "toolkit wait: "));
  CHECK(contains(outcome.err, "tcp://127.0.0.1:1: connection refused"));
  CHECK(contains(outcome.err, "file:/none: "));
  CHECK_FALSE(contains(outcome.err, "there"));
}

TEST_CASE("any, not and brackets") {
  const TempDir d;
  const std::string there = "file:" + d.write("there", "");
  const std::string none = "file:" + (d / "none");
  const struct {
    Words words;
    int exit_code;
  } cases[] = {
      {{"--any", none, there}, 0},
      {{none, there}, 124},
      {{"not", none, there}, 0},
      {{"not", there}, 124},
      {{"any(" + none + ", all(" + there + ", not(" + none + ")))"}, 0},
      {{"for(100ms, " + there + ")"}, 0},
      {{"--for", "100ms", there, "not", none}, 0},
      {{"--for", "10s", there}, 124},
  };
  for (const auto& one : cases) {
    CAPTURE(one.words.back());
    const char* limit = one.exit_code == 0 ? "30s" : "500ms";
    CHECK(run_toolkit(wait_for(Words{"--timeout", limit} + one.words)).exit_code == one.exit_code);
  }
}

TEST_CASE("a mistake has a caret under it and the code 2") {
  const struct {
    Words words;
    std::string words_of_it, picture;
  } cases[] = {
      {{"fle:/x"}, "fle", "  fle:/x\n  ^^^"},
      {{"all(file:/x"}, "", "  all(file:/x\n"},
      {{"tcp://db"}, "port", "  tcp://db\n"},
      {{"file:/x colour=red"}, "colour", "  file:/x colour=red\n          ^^^^^^"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.words.back());
    const Outcome outcome = run_toolkit(wait_for(one.words));
    CHECK(outcome.exit_code == 2);
    CHECK(contains(outcome.err, one.words_of_it));
    CHECK(contains(outcome.err, one.picture));
  }
  CHECK(run_toolkit({"wait"}).exit_code == 2);
  CHECK(run_toolkit(wait_for({"--any", "--all", "file:/"})).exit_code == 2);
}

TEST_CASE("the program takes our place: same pid, our descriptors and mask, nothing else") {
  const TempDir d;
  auto run = start_toolkit(
      wait_for({"file:" + d.write("there", ""), "--", "sh", "-c",
                "echo $$; echo $(ls /proc/self/fd); grep SigBlk /proc/self/status; exit 7"}));
  const pid_t pid = run.pid();
  const Outcome& outcome = run.wait();
  const Outcome bare = run_program(
      {"sh", "-c", "echo $$; echo $(ls /proc/self/fd); grep SigBlk /proc/self/status; exit 7"});
  CHECK(outcome.exit_code == 7);
  const auto lines = lines_of(outcome.out), bare_lines = lines_of(bare.out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == std::to_string(pid));
  CHECK(lines[1] == bare_lines[1]);
  CHECK(lines[2] == bare_lines[2]);
}

TEST_CASE("after any other end the program never starts") {
  const TempDir d;
  const std::string mark = d / "mark";
  const Outcome outcome =
      run_toolkit(wait_for({"--timeout", "100ms", "file:/none", "--", "touch", mark}));
  CHECK(outcome.exit_code == 124);
  CHECK_FALSE(file_exists(mark));
  const Outcome missing = run_toolkit(wait_for({"file:/", "--", "no-such-program"}));
  CHECK(missing.exit_code == 127);
  CHECK(contains(missing.err, "toolkit wait: cannot run 'no-such-program': not found in PATH"));
}

TEST_CASE("a signal ends the wait as that signal") {
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    auto run = start_toolkit(wait_for({"file:/none"}));
    REQUIRE(wait_until([&] { return process_state(run.pid()) == 'S'; }));
    std::this_thread::sleep_for(50ms);
    run.signal(number);
    CHECK(run.wait().signal == number);
  }
}

TEST_CASE("the result as one JSON object") {
  const TempDir d;
  const Outcome outcome = run_toolkit(
      wait_for({"--json", "--timeout", "200ms", "file:" + d.write("there", ""), "file:/none"}));
  CHECK(outcome.exit_code == 124);
  const auto json = nlohmann::json::parse(outcome.out);
  CHECK(json["schema"] == "toolkit.wait/1");
  CHECK(json["ending"] == "timed_out");
  CHECK(json["exit_code"] == 124);
  REQUIRE(json["conditions"].size() == 2);
  CHECK(json["conditions"][0]["met"] == true);
  CHECK(json["conditions"][1]["reason"] == "absent");
  CHECK(json["conditions"][1]["text"] == "file:/none");
}

TEST_CASE("in a log the wait says every few seconds what is missing") {
  const Outcome outcome = run_toolkit(wait_for({"--timeout", "6s", "file:/none"}));
  CHECK(contains(outcome.err, "INFO wait: waiting "));
  CHECK(contains(outcome.err, "file:/none"));
}

TEST_CASE("on a terminal one line is rewritten in place, and gone at the end") {
  const Outcome outcome = run_program(
      {"script", "-qec", toolkit_path() + " wait --timeout 1500ms file:/none", "/dev/null"});
  CHECK(outcome.exit_code == 124);
  CHECK(contains(outcome.out, "\r\033[Kwaiting "));
  const auto last_drawn = outcome.out.rfind("\r\033[Kwaiting ");
  const auto wiped = outcome.out.rfind("\r\033[K");
  CHECK(wiped > last_drawn);
  CHECK(contains(outcome.out.substr(wiped), "toolkit wait: timed out"));
}

TEST_CASE("two hundred conditions at once") {
  Words words{"wait", "--timeout", "300ms"};
  for (int i = 0; i < 200; ++i) {
    words.push_back("file:/none-" + std::to_string(i));
  }
  const Outcome outcome = run_toolkit(words);
  CHECK(outcome.exit_code == 124);
  CHECK(contains(outcome.err, "0 of 200 ready"));
}

TEST_CASE("what could not be seen lets no not be met") {
  const struct {
    Words words;
    int exit_code;
  } cases[] = {
      {{"not", "pid:99999999"}, 122},
      {{"not", "exec:no-such-command-here"}, 122},
      {{"not", "dns:x.test. server=127.0.0.1:9"}, 124},
      {{"not", "tcp://127.0.0.1:1"}, 0},
  };
  for (const auto& one : cases) {
    CAPTURE(one.words.back());
    CHECK(run_toolkit(wait_for(Words{"--timeout", "500ms"} + one.words)).exit_code ==
          one.exit_code);
  }
  if (sanitized()) {
    MESSAGE("skipped: UBSan needs a descriptor of its own to look at a type");
    return;
  }
  // Room for one descriptor beside the standard three, which the signals take.
  const std::string without_sockets =
      "import os, resource, sys\n"
      "os.closerange(3, 256)\n"
      "resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))\n"
      "os.execv(sys.argv[1], sys.argv[1:])\n";
  const Outcome poor = run_program({"python3", "-c", without_sockets, toolkit_path(), "wait",
                                    "--timeout", "300ms", "not", "tcp://127.0.0.1:1"});
  CHECK(poor.exit_code == 124);
  CHECK(contains(poor.err, "too many open files"));
}

TEST_CASE("what was ignored when the wait began stays ignored") {
  Process run(
      {"sh", "-c", "trap '' HUP; exec " + toolkit_path() + " wait --timeout 1s file:/none"});
  std::this_thread::sleep_for(300ms);
  run.signal(SIGHUP);
  CHECK(run.wait().exit_code == 124);
}

TEST_CASE("a stderr that nobody reads does not hold the deadline") {
  const std::string script =
      "exec 7<>$1; { dd if=/dev/zero of=$1 bs=4096 oflag=nonblock; "
      "dd if=/dev/zero of=$1 bs=1 oflag=nonblock; } 2>/dev/null; " +
      toolkit_path() + " wait --timeout 300ms file:/none 2>&7";
  const TempDir d;
  REQUIRE(::mkfifo((d / "pipe").c_str(), 0600) == 0);
  const Outcome outcome = run_program({"timeout", "10", "sh", "-c", script, "sh", d / "pipe"});
  CHECK(outcome.exit_code == 124);
  CHECK(outcome.seconds < 5);
}

TEST_CASE("with closed descriptors nothing that is said reaches a server") {
  const std::string script =
      "import socket, subprocess, sys\n"
      "s = socket.create_server(('127.0.0.1', 0))\n"
      "p = subprocess.Popen(['sh', '-c', 'c=\"tcp://127.0.0.1:$1 banner~never\"; '\n"
      "  'exec \"$0\" wait --timeout 6s --attempt-timeout 20s \"$c\" \"$c\" <&- >&- 2>&-',\n"
      "  sys.argv[1], str(s.getsockname()[1])])\n"
      "a, b = s.accept()[0], s.accept()[0]\n"
      "print(a.recv(100), b.recv(100), p.wait())\n";
  CHECK(run_program({"python3", "-c", script, toolkit_path()}).out == "b'' b'' 124\n");
}

TEST_CASE("as process 1 the wait leaves no zombies of what a command leaves behind") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: needs root for a PID namespace");
    return;
  }
  const TempDir d;
  Process run({"unshare", "--pid", "--fork", "--mount-proc", toolkit_path(), "wait", "--timeout",
               "3s", "--interval", "50ms",
               "exec:sleep 0.05 & ps -eo stat | grep -c Z >" + (d / "new") + "; mv " + (d / "new") +
                   " " + (d / "zombies") + "; false"});
  CHECK(run.wait().exit_code == 124);
  CHECK(std::stoi(read_file(d / "zombies")) <= 3);
}

TEST_CASE("wait: a scheme that nobody knows is bad usage, and what was meant is said") {
  const Outcome port = run_toolkit({"wait", "db:5432"});
  CHECK(port.exit_code == 2);
  CHECK(contains(port.err, "did you mean tcp://db:5432?"));
  const Outcome slip = run_toolkit({"wait", "htp://x"});
  CHECK(slip.exit_code == 2);
  CHECK(contains(slip.err, "did you mean http:?"));
}
