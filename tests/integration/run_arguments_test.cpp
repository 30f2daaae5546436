// What a mistake on the command line, in the environment or in a file looks like: one clear line
// with the code 125, and what to try. And that nothing of the child's words is ours.
#include <signal.h>
#include <sys/stat.h>
#include <tests/integration/run_files.hpp>
#include <unistd.h>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

struct Mistake {
  Words options;
  std::string words;   // all of the line behind "toolkit run: "
  std::string remedy;  // all of the line behind "  try: "; empty for no such line
};

// The child must never have run: it would leave a file.
void check_mistake(const Mistake& mistake, const LaunchOptions& options = {}) {
  const TempDir d;
  const auto mark = d / "the child ran";
  std::string shown;
  for (const std::string& option : mistake.options) {
    shown += option + " ";
  }
  CAPTURE(shown);
  const Outcome outcome = run_toolkit(run_with(mistake.options, {"touch", mark}), options);
  CHECK(outcome.exit_code == 125);
  CHECK(outcome.out.empty());
  CHECK(outcome.err == "toolkit run: " + mistake.words + "\n" +
                           (mistake.remedy.empty() ? "" : "  try: " + mistake.remedy + "\n"));
  CHECK_FALSE(file_exists(mark));
}

const char* const kDuration = "write it as 500ms, 30s, 5m, 2h or 1d";
const char* const kSignal = "give a name such as TERM, USR1 or RTMIN+3, or a number from 1 to 64";
const char* const kJobName = "1 to 64 of A-Z a-z 0-9 . _ - and no leading dot or dash";

}  // namespace

TEST_CASE("no command is a mistake with a code of its own") {
  for (const Words& words :
       {Words{"run"}, Words{"run", "--"}, Words{"run", "-q", "--grace", "5s"}}) {
    const Outcome outcome = run_toolkit(words);
    CHECK(outcome.exit_code == 125);
    CHECK(outcome.err == "toolkit run: no command to run\n  try: toolkit run -- COMMAND [ARGS…]\n");
  }
  CHECK(run_toolkit({"rnu", "--", "true"}).exit_code == 2);
}

TEST_CASE("every bad value is named with its option and what would be right") {
  const Mistake mistakes[] = {
      {{"--grce", "5s"}, "unknown option '--grce'", "--grace, or see 'toolkit run --help'"},
      {{"--zzzzzzzz"}, "unknown option '--zzzzzzzz'", "toolkit run --help"},
      {{"--grace", "5x"}, "--grace: '5x' is not a duration", kDuration},
      {{"--grace="}, "--grace needs a value", "--grace DURATION"},
      {{"--grace", "-5s"}, "--grace: '-5s' is not a duration", kDuration},
      {{"--timeout", "99999999999999999999s"},
       "--timeout: '99999999999999999999s' is too long",
       "at most ten years"},
      {{"--log-max-size", "10Q"},
       "--log-max-size: '10Q' is not a size",
       "write it as 4096, 64K, 10M or 1G (powers of 1024)"},
      {{"--stop-signal", "TREM"}, "--stop-signal: 'TREM' is not a signal", "did you mean TERM?"},
      {{"--stop-signal", "65"}, "--stop-signal: '65' is not a signal", kSignal},
      {{"--idle-signal", "0"}, "--idle-signal: '0' is not a signal", kSignal},
      {{"--rewrite", "TERM"},
       "--rewrite: 'TERM' is not FROM=TO",
       "for example TERM=USR1, or INT=0"},
      {{"--rewrite", "TERM=NOPE"}, "--rewrite: 'NOPE' is not a signal", kSignal},
      {{"--rewrite", "=TERM"}, "--rewrite: '' is not a signal", kSignal},
      {{"--notify", "USR1"}, "--notify: 'USR1' is not SIGNAL@DURATION", "for example USR1@60s"},
      {{"--umask", "999"},
       "--umask: '999' is not a file mode",
       "octal, 000 to 777, for example 022"},
      {{"--umask", "1000"},
       "--umask: '1000' is not a file mode",
       "octal, 000 to 777, for example 022"},
      {{"--map-exit", "300=1"}, "--map-exit: '300' is not an exit code", "0 to 255"},
      {{"--map-exit", "143"}, "--map-exit: '143' is not CODE=CODE", "for example 143=0"},
      {{"--restart-codes", "1-256"}, "--restart-codes: '256' is not an exit code", "0 to 255"},
      {{"--restart", "on-failure:x"}, "--restart: 'x' is not a number of restarts", ""},
      {{"--console", "blue"}, "--console: 'blue' is not one of raw, prefixed, none", ""},
      {{"--signal-to", "all"}, "--signal-to: 'all' is not one of group, process, tree", ""},
      {{"--log-keep", "-1"}, "--log-keep: '-1' is not a whole number", ""},
      {{"--env", "A B=1"},
       "--env: 'A B' is not a variable name",
       "write KEY=value; KEY has letters, digits and _, and begins with no digit"},
      {{"--name", "a/b"}, "'a/b' is not a job name", kJobName},
      {{"--name", ".."}, "'..' is not a job name", kJobName},
      {{"--name", std::string(65, 'x')},
       "'" + std::string(65, 'x') + "' is not a job name",
       kJobName},
  };
  for (const Mistake& mistake : mistakes) {
    check_mistake(mistake);
  }
}

TEST_CASE("who and where the child shall be must exist") {
  check_mistake({{"--user", "nobody-of-that-name"},
                 "no user 'nobody-of-that-name' in /etc/passwd",
                 "give a number, or a name that the file has"});
  check_mistake({{"--user", "0:no-such-group"},
                 "no group 'no-such-group' in /etc/group",
                 "give a number, or a name that the file has"});
  check_mistake(
      {{"--chdir", "/none"}, "cannot enter directory /none: no such file or directory", ""});
  const TempDir conda;
  check_mistake({{"--conda", "no-such-env"},
                 "no conda environment 'no-such-env': no conda installation was found",
                 "set CONDA_ROOT to its directory, or give the environment's own directory"},
                {.env = {{"PATH", "/usr/bin:/bin"}, {"HOME", conda.path()}},
                 .unset = {"CONDA_ROOT", "CONDA_EXE", "CONDA_PREFIX", "MAMBA_ROOT_PREFIX"}});
  if (::geteuid() == 0) {
    const TempDir d;
    ::chmod(d.path().c_str(), 0755);
    const Outcome outcome =
        run_program({"setpriv", "--reuid=65534", "--clear-groups", "--regid=65534", toolkit_path(),
                     "run", "--user", "0", "--", "true"});
    // The build folder itself may be closed to others.
    if (outcome.exit_code != 126 && outcome.exit_code != 127) {
      CHECK(outcome.exit_code == 125);
      CHECK(contains(outcome.err, "cannot become user 0: operation not permitted"));
    }
  }
}

TEST_CASE("files that cannot be written are found before the child runs") {
  const TempDir d;
  d.write("file", "");
  const std::string below_file = d / "file/x";
  check_mistake({{"--pid-file", below_file},
                 "--pid-file: cannot open " + below_file + ": not a directory",
                 ""});
  check_mistake(
      {{"--events", "/none/x"}, "--events: cannot open /none/x: no such file or directory", ""});
  check_mistake({{"--log", below_file},
                 "cannot open log " + below_file + ": not a directory",
                 "give a path in a directory that can be written to"});
  check_mistake({{"--name", "x", "--state-dir", below_file},
                 "cannot keep job records in " + below_file + "/x: not a directory",
                 "set TOOLKIT_STATE_DIR to a directory that you can write"});
}

TEST_CASE("broken lines of an environment file are all named, by number") {
  const TempDir d;
  const auto file = d.write("env", "GOOD=1\nno assignment\n# comment\n=nameless\n9DIGIT=1\n");
  const Outcome outcome = run_toolkit(run_with({"--env-file", file}, {"true"}));
  CHECK(outcome.exit_code == 125);
  CHECK(contains(outcome.err, "toolkit run: " + file + " has broken lines: line 2: "));
  CHECK(contains(outcome.err, "line 4: "));
  CHECK(contains(outcome.err, "line 5: "));
  CHECK(count_of(outcome.err, "\n") == 2);
  check_mistake({{"--env-file", d / "none"},
                 "--env-file: cannot open " + d / "none" + ": no such file or directory",
                 ""});
}

TEST_CASE("a configuration file is held to the same rules") {
  const TempDir d;
  const auto with_config = [&](const std::string& text) {
    return Words{"--config", d.write("config", text)};
  };
  const std::string config = d / "config";
  check_mistake({with_config("[run]\ngrac = \"5s\"\n"),
                 "--config: " + config + ": unknown keys in [run]: grac", "grace"});
  check_mistake({with_config("[run\ngrace = \"5s\"\n"),
                 "--config: " + config + ": '[run' is no section", "[run]"});
  check_mistake({with_config("[run]\ngrace = \"5x\"\n"),
                 config + ": run.grace: '5x' is not a duration", kDuration});
  check_mistake({{"--config", d / "none"},
                 "--config: cannot open " + d / "none" + ": no such file or directory",
                 ""});
}

TEST_CASE("a bad variable is an error, an unknown one a warning: it may be for another version") {
  check_mistake({{}, "TOOLKIT_RUN_GRACE: 'soon' is not a duration", kDuration},
                {.env = {{"TOOLKIT_RUN_GRACE", "soon"}}});
  const Outcome outcome =
      run_toolkit(run_with({}, {"true"}), {.env = {{"TOOLKIT_RUN_GRCE", "1s"}}});
  CHECK(outcome.exit_code == 0);
  CHECK(contains(outcome.err, "WARN run: TOOLKIT_RUN_GRCE names no option of run"));
}

TEST_CASE("a name belongs to the job that lives, and is free when that is over") {
  auto first = start_toolkit(run_with({"--name", "one-at-a-time"}, fixture("sleep-print", "20")));
  REQUIRE(first.wait_for_out("tick"));
  const Outcome second = run_toolkit(run_with({"--name", "one-at-a-time"}, {"true"}));
  CHECK(second.exit_code == 125);
  CHECK(contains(second.err, "toolkit run: "));
  CHECK(contains(second.err, "one-at-a-time"));
  CHECK(contains(second.err, "  try: choose another --name"));
  // The child may speak before its supervisor has written that it runs.
  CHECK(wait_until([] { return record_field("one-at-a-time", "state") == "running"; }));
  first.signal(SIGTERM);
  CHECK(first.wait().exit_code == 143);
  CHECK(run_toolkit(run_with({"--name", "one-at-a-time"}, fixture("exit", "4"))).exit_code == 4);
  CHECK(record_field("one-at-a-time", "exit_code") == "4");
  SUBCASE("a supervisor that was killed keeps no name") {
    auto killed =
        start_toolkit(run_with({"--name", "one-at-a-time"}, fixture("sleep-print", "20")));
    REQUIRE(killed.wait_for_out("tick"));
    const auto orphans = descendants_of(killed.pid());
    killed.signal(SIGKILL);
    (void)killed.wait(0s);
    CHECK(run_toolkit(run_with({"--name", "one-at-a-time"}, {"true"})).exit_code == 0);
    for (const pid_t orphan : orphans) {
      ::kill(orphan, SIGKILL);
    }
  }
}

TEST_CASE("the child's words reach it byte for byte") {
  const Words child = {
      "sh", "-c",  "printf '[%s]' \"$@\"", "--",       "--help", "--",    "-q",
      "",   "a b", "--grace=5s",           "\xff\x01", "*",      "$HOME", "new\nline"};
  const std::string expected = "[--help][--][-q][][a b][--grace=5s][\xff\x01][*][$HOME][new\nline]";
  CHECK(run_toolkit(run_with({"-q"}, child)).out == expected);
  CHECK(run_toolkit(Words{"run", "-q"} + child).out ==
        expected);  // the first word that is no option
}
