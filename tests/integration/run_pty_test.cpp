// --pty: a terminal for the child, and ours as it was before.
#include <fcntl.h>
#include <signal.h>
#include <tests/integration/pseudo_terminal.hpp>
#include <tests/integration/run_files.hpp>

#include <cstring>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

Words on_pty(Words options, const Words& child) {
  return Words{toolkit_path()} + run_with(Words{"-q", "--pty"} + std::move(options), child);
}

bool same_modes(const termios& left, const termios& right) {
  return left.c_iflag == right.c_iflag && left.c_oflag == right.c_oflag &&
         left.c_lflag == right.c_lflag && std::memcmp(left.c_cc, right.c_cc, sizeof left.c_cc) == 0;
}

}  // namespace

TEST_CASE("--pty gives the child a terminal where there is none") {
  const Outcome outcome = run_toolkit(run_with({"-q", "--pty"}, fixture("print-status")));
  CHECK(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "foreground yes\r\n"));
  CHECK(contains(outcome.out, "sid self\r\n"));
}

TEST_CASE("--pty ends the child's input where ours ends") {
  struct Case {
    const char* input;
    const char* last;
  };
  for (const Case& one :
       {Case{"", "0 0\r\n"}, {"abc\n", "1 4\r\n"}, {"abc", "0 3\r\n"}, {"abc\nde", "1 6\r\n"}}) {
    CAPTURE(one.input);
    const Outcome outcome =
        run_toolkit(run_with({"-q", "--pty"}, shell("set -- $(wc -lc); echo $1 $2")),
                    {.input = one.input, .limit = 10s});
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.out.ends_with(one.last));
  }
}

TEST_CASE("--pty passes much input on without losing a line") {
  std::string input;
  for (int line = 1; line <= 20000; ++line) {
    input += "line " + std::to_string(line) + "\n";
  }
  const Outcome outcome =
      run_toolkit(run_with({"-q", "--pty"}, shell("stty -echo; sleep 0.2; cksum")),
                  {.input = input, .limit = 30s});
  const std::string expected = run_program({"cksum"}, {.input = input}).out;
  CHECK(outcome.out.ends_with(expected.substr(0, expected.size() - 1) + "\r\n"));
}

TEST_CASE("--pty hears signals while the child reads nothing") {
  const int zeros = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
  auto run =
      start_toolkit(run_with({"-q", "--pty"}, shell("stty raw -echo; echo ready; exec sleep 100")),
                    {.stdin_fd = zeros});
  REQUIRE(run.wait_for_out("ready"));
  std::this_thread::sleep_for(300ms);
  run.signal(SIGTERM);
  CHECK(wait_until([&] { return run.has_ended(); }, 10s));
  CHECK(run.wait().exit_code == 143);
  ::close(zeros);
}

TEST_CASE("--pty has our window's size, and follows it") {
  PseudoTerminal terminal(
      on_pty({}, shell("trap 'stty size' WINCH; stty size; while :; do sleep 0.05; done")));
  REQUIRE(terminal.wait_for("24 80"));
  terminal.resize(33, 101);
  CHECK(terminal.wait_for("33 101"));
  ::kill(terminal.pid(), SIGTERM);
  CHECK(terminal.exit_code() == 143);
}

TEST_CASE("--pty puts our terminal into raw mode, and back however the job ends") {
  PseudoTerminal untouched({"true"});
  SUBCASE("by itself") {
    PseudoTerminal terminal(on_pty({}, shell("echo ready; read word; exit 3")));
    REQUIRE(terminal.wait_for("ready"));
    CHECK_FALSE(terminal.line_mode());
    terminal.type("\r");
    CHECK(terminal.exit_code() == 3);
    CHECK(terminal.line_mode());
    CHECK(same_modes(terminal.settings(), untouched.settings()));
  }
  SUBCASE("by Ctrl-C, a key that the inner terminal makes a signal") {
    PseudoTerminal terminal(on_pty({}, shell("echo ready; exec sleep 100")));
    REQUIRE(terminal.wait_for("ready"));
    terminal.type("\x03");
    CHECK(terminal.exit_code() == 130);
    CHECK(terminal.line_mode());
  }
  SUBCASE("by SIGTERM and SIGKILL") {
    PseudoTerminal terminal(on_pty({"--grace", "200ms"}, fixture("ignore-term")));
    REQUIRE(terminal.wait_for("ready"));
    ::kill(terminal.pid(), SIGTERM);
    CHECK(terminal.exit_code() == 137);
    CHECK(terminal.line_mode());
  }
  SUBCASE("by never having begun") {
    PseudoTerminal terminal(on_pty({}, {"/none/program"}));
    CHECK(terminal.exit_code() == 127);
    CHECK(terminal.line_mode());
  }
}

TEST_CASE("--pty leaves a shell its terminal while it is in the background") {
  PseudoTerminal terminal({"bash", "--norc", "--noprofile", "-i"});
  terminal.type(toolkit_path() +
                " run -q --pty -- sh -c 'echo begun; read word; echo \"got [$word\"]' &\n");
  REQUIRE(terminal.wait_for("begun\r"));
  terminal.type("\n");
  REQUIRE(terminal.wait_for("prompt> "));
  terminal.type("stty -a | tr ' ;' '\\n\\n' | grep -x icanon\n");
  CHECK(terminal.wait_for("\nicanon\r\n"));
  CHECK(terminal.wait_for("prompt> "));
  terminal.type("fg\n");
  CHECK(terminal.wait_for("run -q --pty"));  // the shell names the job that it continues
  std::this_thread::sleep_for(600ms);
  CHECK_FALSE(terminal.line_mode());
  terminal.type("word\r");
  CHECK(terminal.wait_for("got [word]"));
  CHECK(terminal.wait_for("prompt> "));
  terminal.type("echo back $((1+1))\n");
  CHECK(terminal.wait_for("back 2"));
}
