// Programs that cannot be started: which code, and the words that help.
#include <stdlib.h>
#include <sys/stat.h>
#include <tests/integration/run_files.hpp>
#include <unistd.h>

using namespace toolkit::support;

namespace {

struct Refusal {
  std::string command;
  int code;
  std::string words;   // of the error line, behind "toolkit run: cannot run '…': "
  std::string remedy;  // a part of it
};

void check_refused(const Refusal& wanted, const LaunchOptions& options = {}) {
  CAPTURE(wanted.command);
  const Outcome outcome = run_toolkit(run_with({}, {wanted.command, "argument"}), options);
  CHECK(outcome.exit_code == wanted.code);
  CHECK(outcome.out.empty());
  const auto lines = lines_of(outcome.err);
  REQUIRE(lines.size() == (wanted.remedy.empty() ? 1 : 2));
  CHECK(lines[0] == "toolkit run: cannot run '" + wanted.command + "': " + wanted.words);
  CHECK((wanted.remedy.empty() || contains(lines[1], "  try: ")));
  CHECK((wanted.remedy.empty() || contains(lines[1], wanted.remedy)));
}

// The first 20 bytes of an ELF file (elf(5)): class, data, version, type, machine.
std::string elf_for(unsigned char machine) {
  std::string head(
      "\x7f"
      "ELF\x02\x01\x01",
      7);
  head += std::string(9, '\0') + std::string("\x02\0", 2) + static_cast<char>(machine) + '\0';
  return head + std::string(100, '\0');
}

}  // namespace

TEST_CASE("a program that cannot be executed is named, with the reason and the code of shells") {
  const TempDir d;
  d.write("not-executable", "#!/bin/sh\n", 0644);
  d.write("bad-interpreter", "#!/opt/none/python -u\n", 0755);
  d.write("bad-interpreter-mode", "#!" + d / "not-executable" + "\n", 0755);
  d.write("other-machine", elf_for(243), 0755);  // EM_RISCV
  d.write("arm64", elf_for(183), 0755);
  d.write("binary", std::string("\x01\x00\x02 not a program\n", 18), 0755);
  REQUIRE(::symlink("loop", (d / "loop").c_str()) == 0);
  REQUIRE(::mkdir((d / "folder").c_str(), 0755) == 0);
  const Refusal refusals[] = {
      {d / "missing", 127, "not found", "check the path"},
      {"no-such-program", 127, "not found in PATH", "PATH is /"},
      {"", 127, "the command is empty", "toolkit run -- COMMAND"},
      {d / "bad-interpreter", 127, "/opt/none/python is missing", "first line"},
      {d / "not-executable", 126, "permission denied", "chmod +x"},
      {d / "folder", 126, "it is a directory", "inside"},
      {d / "loop", 126, "too many levels of symbolic links", ""},
      {d / "not-executable/below", 126, "not a directory", ""},
      {d / "bad-interpreter-mode", 126,
       "its interpreter " + d / "not-executable" + " may not be executed", "first line"},
      {d / "other-machine", 126, "exec format error (it is a program for another machine)",
       "this machine"},
      {d / "binary", 126, "exec format error", "neither a program"},
      {d / std::string(300, 'x'), 126, "file name too long", ""},
  };
  for (const Refusal& refusal : refusals) {
    check_refused(refusal);
  }
#if defined(__x86_64__)
  check_refused(
      {d / "arm64", 126, "exec format error (it is a program for arm64)", "this machine"});
#endif
}

TEST_CASE("a path is looked at from --chdir, as the program sees it") {
  const TempDir d;
  d.write("below/script", "#!/opt/none/python\n", 0755);
  const Outcome outcome = run_toolkit(run_with({"--chdir", d / "below"}, {"./script"}));
  CHECK(outcome.exit_code == 127);
  CHECK(contains(outcome.err, "cannot run './script': /opt/none/python is missing"));
}

TEST_CASE("a script without a #! line is run by sh, with its arguments") {
  const TempDir d;
  d.write("plain", "echo $0 $1 \"$2\"\nexit 7\n", 0755);
  const Outcome outcome = run_toolkit(run_with({"-q"}, {d / "plain", "one", "two  2"}));
  CHECK(outcome.exit_code == 7);
  CHECK(outcome.out == d / "plain" + " one two  2\n");
}

TEST_CASE("PATH is searched as execvp(3) does, in the PATH of the child") {
  const TempDir d;
  d.write("first/tool", "#!/bin/sh\necho first\n", 0644);
  d.write("second/tool", "#!/bin/sh\necho second\n", 0755);
  d.write("third/tool", "#!/bin/sh\necho third\n", 0755);
  const auto path_of = [&](const char* list) {
    std::string path(list);
    for (auto at = path.find('@'); at != std::string::npos; at = path.find('@', at)) {
      path.replace(at, 1, d.path() + "/");
    }
    return path;
  };
  const auto run_in = [&](const std::string& path) {
    return run_toolkit(run_with({"-q"}, {"tool"}),
                       {.env = {{"PATH", path}}, .directory = d / "third"});
  };
  CHECK(run_in(path_of("@first:@second:@third")).out == "second\n");
  CHECK(run_in(path_of("@none:@first/tool:@third:@second")).out == "third\n");
  CHECK(run_in(path_of("@none::@second")).out ==
        "third\n");  // an empty entry is the working directory
  CHECK(run_in(path_of("@first")).exit_code == 126);
  CHECK(run_in(path_of("@none:@second/tool")).exit_code == 127);
  CHECK(run_toolkit(run_with({"-q", "--env", "PATH=" + d / "second"}, {"tool"})).out == "second\n");
  // Without PATH, where it is everywhere; a slash means no search.
  CHECK(run_toolkit(run_with({"-q"}, {"true"}), {.unset = {"PATH"}}).exit_code == 0);
  CHECK(run_toolkit(run_with({"-q"}, {"./tool"}), {.directory = d / "second"}).out == "second\n");
}

TEST_CASE("a failed start is recorded, told to the orchestrator and never called started") {
  const TempDir d;
  const Outcome outcome =
      run_toolkit(run_with({"--name", "never", "--events", d / "events", "--termination-log",
                            d / "message", "--pid-file", d / "pid"},
                           {"/none/program"}));
  CHECK(outcome.exit_code == 127);
  CHECK(record_field("never", "state") == "exited");
  CHECK(record_field("never", "exit_code") == "127");
  CHECK(record_field("never", "reason") == "exec_failed");
  CHECK(event_names(d / "events") == "failed");
  CHECK(contains(read_file(d / "message"), "cannot run '/none/program': not found"));
  CHECK(read_file_or_empty(d / "pid").empty());
}

TEST_CASE("closed standard descriptors stay closed in the child and take no file of ours") {
  const TempDir d;
  const std::string run = toolkit_path() + " run -q ";
  SUBCASE("the child finds them closed") {
    const Outcome outcome = run_program(
        shell(run + "-- sh -c 'for i in 0 1 2; do [ -e /proc/self/fd/$i ] && echo $i; done >" +
              d / "open" + "; true' <&- >&- 2>&-"));
    CHECK(outcome.exit_code == 0);
    CHECK(read_file(d / "open") == "1\n");  // the file itself
  }
  SUBCASE("with a log, it gets pipes, and the log holds its lines alone") {
    const Outcome outcome =
        run_program(shell(run + "--log " + d / "log" +
                          " --log-format raw -- sh -c 'echo out; echo err >&2' <&- >&- 2>&-"));
    CHECK(outcome.exit_code == 0);
    CHECK(contains(read_file(d / "log"), "out\n"));
    CHECK(contains(read_file(d / "log"), "err\n"));
    CHECK(read_file(d / "log").size() == 8);
  }
}
