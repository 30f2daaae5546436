// `run` on a terminal: who has it, what its keys do, and what is left of it afterwards.
#include <signal.h>
#include <tests/integration/pseudo_terminal.hpp>
#include <tests/integration/run_files.hpp>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

constexpr const char* kCtrlC = "\x03";
constexpr const char* kCtrlZ = "\x1a";

Words with_toolkit(Words options, const Words& child) {
  return Words{toolkit_path()} + run_with(std::move(options), child);
}

// A person's shell. What is typed at its prompt is a job with job control.
Words interactive_shell() { return {"bash", "--norc", "--noprofile", "-i"}; }

std::string in_shell(const std::string& options, const std::string& child) {
  return toolkit_path() + " run " + options + " -- " + child + "\n";
}

pid_t child_running(pid_t ancestor, const std::string& program) {
  for (const pid_t pid : descendants_of(ancestor)) {
    const std::string line = read_file_or_empty("/proc/" + std::to_string(pid) + "/cmdline");
    if (line.starts_with(program + '\0')) {
      return pid;
    }
  }
  return 0;
}

// The prompt alone is not enough: a line editor switches the terminal over after writing it.
bool at_prompt(PseudoTerminal& terminal, const char* prompt) {
  return terminal.wait_for(prompt) && wait_until([&] { return !terminal.line_mode(); });
}

// A line editor that is just drawing its prompt may miss one or see it late; a person tries again.
bool answers(PseudoTerminal& terminal, const char* question, const char* answer) {
  for (int tries = 0; tries < 4; ++tries) {
    terminal.type(question);
    if (terminal.wait_for(answer, 3s)) {
      return true;
    }
  }
  return false;
}

void press_ctrl_c(const PseudoTerminal& terminal, int times) {
  for (int i = 0; i < times; ++i) {
    terminal.type(kCtrlC);
    std::this_thread::sleep_for(150ms);
  }
}

bool python_available() { return ::access("/usr/bin/python3", X_OK) == 0; }

}  // namespace

TEST_CASE("the child has the terminal") {
  PseudoTerminal terminal(with_toolkit({"-q"}, fixture("print-status")));
  CHECK(terminal.wait_for("foreground yes"));
  CHECK(terminal.exit_code() == 0);
}

TEST_CASE("a shell below has job control of its own") {
  PseudoTerminal terminal(with_toolkit({}, {"bash", "--norc", "--noprofile", "-m"}));
  const auto type_line = [&](const std::string& line) {
    CHECK(at_prompt(terminal, "prompt> "));
    terminal.type(line);
  };
  type_line("echo \"flags=[$-]\"\n");
  CHECK(terminal.wait_for("\nflags=["));
  type_line("sleep 100\n");
  const auto flags = terminal.seen().substr(terminal.seen().rfind("\nflags=["));
  CHECK(contains(flags.substr(0, flags.find(']')), "m"));
  const auto sleeper = [&] { return child_running(terminal.pid(), "sleep"); };
  REQUIRE(wait_until([&] { return sleeper() != 0; }));
  terminal.type(kCtrlZ);
  CHECK(terminal.wait_for("Stopped"));
  type_line("fg\n");
  CHECK(wait_until([&] { return process_state(sleeper()) == 'S'; }));
  terminal.type(kCtrlC);
  type_line("echo still $((40+2))\n");
  CHECK(terminal.wait_for("still 42\r"));
  type_line("exit 9\n");
  CHECK(terminal.exit_code() == 9);
}

TEST_CASE("Ctrl-Z gives the prompt back, fg and bg go on, Ctrl-C ends it") {
  const std::string redirection = [] {
    std::string text;
    SUBCASE("with the terminal as stdin") { text = ""; }
    SUBCASE("with stdin from elsewhere") { text = " </dev/null"; }
    SUBCASE("in a pipeline") { text = " | cat"; }
    return text;
  }();
  CAPTURE(redirection);
  PseudoTerminal terminal(interactive_shell());
  terminal.type(in_shell("-q", fixture_path() + " sleep-print 20" + redirection));
  REQUIRE(terminal.wait_for("tick 3"));
  const pid_t child = child_running(terminal.pid(), fixture_path());
  terminal.type(kCtrlZ);
  CHECK(terminal.wait_for("Stopped"));
  CHECK(wait_until([&] { return process_state(child) == 'T'; }));
  terminal.type("echo at the $((1+1))nd prompt\n");
  CHECK(terminal.wait_for("at the 2nd prompt"));
  terminal.type("bg\n");
  CHECK(terminal.wait_for("tick "));
  CHECK(wait_until([&] { return process_state(child) != 'T'; }));
  terminal.type("fg\n");
  CHECK(terminal.wait_for("tick "));
  terminal.type(kCtrlC);
  CHECK(wait_until([&] { return !is_alive(child); }));
  // The code of the pipeline's last member is cat's: 130 too, since Ctrl-C reaches it as well.
  terminal.type("echo code=$?\n");
  CHECK(terminal.wait_for("code=130"));
  terminal.type("exit\n");
  CHECK(terminal.exit_code() == 0);
}

TEST_CASE("a child with its input from elsewhere can still ask at the terminal") {
  PseudoTerminal terminal(interactive_shell());
  terminal.type(
      in_shell("-q", "sh -c 'echo word?; read word </dev/tty; echo got-$word' </dev/null"));
  REQUIRE(terminal.wait_for("word?\r"));
  terminal.type("it\n");
  CHECK(terminal.wait_for("got-it"));
  terminal.type("exit\n");
  CHECK(terminal.exit_code() == 0);
}

TEST_CASE("a key's signal reaches the child once") {
  const TempDir directory;
  const auto got = directory / "got";
  PseudoTerminal terminal(
      with_toolkit({"-q", "--grace", "60s"}, shell("exec " + fixture_path() + " signals >" + got)));
  REQUIRE(wait_until([&] { return contains(read_file_or_empty(got), "ready"); }));
  terminal.type("\x1c");  // Ctrl-\: SIGQUIT
  CHECK(wait_until([&] { return contains(read_file(got), "signal 3 "); }));
  terminal.type(kCtrlC);
  CHECK(wait_until([&] { return contains(read_file(got), "signal 2 "); }));
  terminal.resize(30, 100);
  CHECK(wait_until([&] { return contains(read_file(got), "signal 28 "); }));
  std::this_thread::sleep_for(100ms);
  CHECK(count_of(read_file(got), "signal ") == 3);
  terminal.type(kCtrlC);
  CHECK(terminal.exit_code() == 0);
}

TEST_CASE("Ctrl-C stops the job with its grace, and the third one kills it") {
  PseudoTerminal terminal(with_toolkit({"--grace", "60s"}, fixture("ignore-term")));
  REQUIRE(terminal.wait_for("ready"));
  terminal.type(kCtrlC);
  std::this_thread::sleep_for(100ms);
  terminal.type(kCtrlC);
  std::this_thread::sleep_for(300ms);
  CHECK(is_alive(terminal.pid()));
  terminal.type(kCtrlC);
  CHECK(terminal.wait_for("third Ctrl-C: killing"));
  CHECK(terminal.exit_code() == 137);
}

TEST_CASE("Ctrl-C is followed by SIGKILL when the grace is over") {
  PseudoTerminal terminal(with_toolkit({"--grace", "400ms"}, fixture("ignore-term")));
  REQUIRE(terminal.wait_for("ready"));
  terminal.type(kCtrlC);
  CHECK(terminal.exit_code() == 137);
}

TEST_CASE("an interpreter at its prompt survives every Ctrl-C") {
  if (!python_available()) {
    return;
  }
  PseudoTerminal terminal(with_toolkit({"--grace", "700ms"}, {"/usr/bin/python3", "-q", "-i"}));
  REQUIRE(at_prompt(terminal, ">>> "));
  SUBCASE("one, well past the grace") {
    press_ctrl_c(terminal, 1);
    std::this_thread::sleep_for(1500ms);
  }
  SUBCASE("five of them") {
    press_ctrl_c(terminal, 5);
    std::this_thread::sleep_for(1500ms);
  }
  SUBCASE("one that ends a statement, with the next one running when the grace is over") {
    terminal.type("import time; time.sleep(50)\n");
    REQUIRE(wait_until([&] { return terminal.line_mode(); }));
    std::this_thread::sleep_for(100ms);
    terminal.type(kCtrlC);
    CHECK(terminal.wait_for("KeyboardInterrupt"));
    CHECK(at_prompt(terminal, ">>> "));
    std::this_thread::sleep_for(400ms);
    terminal.type("time.sleep(2); print('rested')\n");
    CHECK(terminal.wait_for("rested\r\n"));
  }
  CHECK(answers(terminal, "print(6 * 7)\n", "42\r\n"));
  terminal.type("exit(5)\n");
  CHECK(terminal.exit_code() == 5);
}

TEST_CASE("a shell at its prompt survives every Ctrl-C") {
  PseudoTerminal terminal(with_toolkit({"--grace", "500ms"}, interactive_shell()));
  REQUIRE(at_prompt(terminal, "prompt> "));
  press_ctrl_c(terminal, 4);
  std::this_thread::sleep_for(1s);
  CHECK(answers(terminal, "echo $((6 * 7))\n", "42\r\n"));
  terminal.type("exit 6\n");
  CHECK(terminal.exit_code() == 6);
}

TEST_CASE("a record that said stopping says running again after a withdrawn Ctrl-C") {
  if (!python_available()) {
    return;
  }
  const TempDir directory;
  const auto events = directory / "events";
  PseudoTerminal terminal(with_toolkit(
      {"--grace", "60s", "--name", "prompt", "--state-dir", directory.path(), "--events", events},
      {"/usr/bin/python3", "-q", "-i"}));
  REQUIRE(at_prompt(terminal, ">>> "));
  // It needs a second to be back at its prompt: long enough to be taken for a stop.
  terminal.type(
      "import time; exec('try: time.sleep(50)\\nexcept KeyboardInterrupt: time.sleep(1)')\n");
  REQUIRE(wait_until([&] { return terminal.line_mode(); }));
  std::this_thread::sleep_for(100ms);
  terminal.type(kCtrlC);
  const auto state = [&] { return json_field(read_file(directory / "prompt/job.json"), "state"); };
  CHECK(wait_until([&] { return contains(read_file(events), "resumed"); }));
  CHECK(state() == "running");
  CHECK(event_names(events) == "started stopping resumed");
  terminal.type("exit()\n");
  CHECK(terminal.exit_code() == 0);
}

TEST_CASE("a terminal that goes away is told to the child") {
  const TempDir directory;
  const auto got = directory / "got";
  PseudoTerminal terminal(
      with_toolkit({"-q"}, shell("exec " + fixture_path() + " signals >" + got)));
  REQUIRE(wait_until([&] { return contains(read_file_or_empty(got), "ready"); }));
  terminal.hang_up();
  CHECK(wait_until([&] { return contains(read_file(got), "signal 1 "); }));
}

TEST_CASE("in a PID namespace whose terminal belongs to somebody outside, the child can read it") {
  if (run_program({"unshare", "--pid", "--fork", "--mount-proc", "true"}).exit_code != 0) {
    return;
  }
  PseudoTerminal terminal(Words{"unshare", "--pid", "--fork", "--mount-proc"} +
                          with_toolkit({"-q"}, shell("read word; echo got $word")));
  terminal.type("it\n");
  CHECK(terminal.wait_for("got it"));
  CHECK(terminal.exit_code() == 0);
}
