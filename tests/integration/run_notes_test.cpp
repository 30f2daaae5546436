// What others are told of a failure: Kubernetes' termination message, SageMaker's failure file.
#include <tests/integration/run_files.hpp>

#include <filesystem>

using namespace toolkit::support;

namespace {

struct Notes {
  std::string termination, failure, message;
  int exit_code = 0;
};

// "-q" so that nothing of this is owed to our own words.
Notes notes_of(const Words& child, Words options = {}) {
  const TempDir directory;
  const auto termination = directory / "termination", failure = directory / "failure";
  const Outcome outcome = run_toolkit(run_with(
      Words{"-q", "--name", "noted", "--termination-log", termination, "--failure-file", failure} +
          std::move(options),
      child));
  return {read_file_or_empty(termination), read_file_or_empty(failure),
          record_field("noted", "message"), outcome.exit_code};
}

Words python(const std::string& script) { return {"python3", "-c", script}; }

}  // namespace

TEST_CASE(
    "a Python traceback is in both, the exception first where only 1024 characters are shown") {
  const Notes notes =
      notes_of(python("import sys\nprint('noise ' * 50, file=sys.stderr)\n"
                      "def load(path):\n    raise FileNotFoundError('no data at ' + path)\n"
                      "load('/data/train.tar')\n"));
  CHECK(notes.exit_code == 1);
  CHECK(notes.termination.starts_with("exited with code 1\nTraceback (most recent call last):\n"));
  CHECK(notes.termination.ends_with("FileNotFoundError: no data at /data/train.tar\n"));
  CHECK(notes.termination.size() <= 4096);
  CHECK(notes.failure.starts_with(
      "FileNotFoundError: no data at /data/train.tar\nexited with code 1\nTraceback"));
  CHECK(notes.failure.size() <= 1024);
  CHECK_FALSE(contains(notes.termination, "noise"));
}

TEST_CASE("a long message is cut to what is shown, at its front and between characters") {
  const Notes notes = notes_of(
      python("import sys\nsys.setrecursionlimit(400)\ndef f(n): return f(n + 1)\n"
             "def g(n):\n    if n == 0: raise ValueError('\\u00e4' * 3000)\n    return g(n - 1)\n"
             "g(100)"));
  CHECK(notes.termination.size() <= 4096);
  CHECK(notes.termination.size() > 2000);
  CHECK(notes.failure.size() <= 1024);
  CHECK(notes.failure.size() > 900);
  CHECK(notes.failure.starts_with("ValueError: \u00e4\u00e4"));
  const TempDir directory;
  for (const std::string& text : {notes.termination, notes.failure}) {
    const auto file = directory.write("text", text);
    CHECK(run_program(
              {"python3", "-c", "import sys; open(sys.argv[1], encoding='utf-8').read()", file})
              .exit_code == 0);
  }
}

TEST_CASE("without a traceback the last lines of standard error are told") {
  const Notes notes = notes_of(shell("for i in $(seq 2000); do echo line $i >&2; done; exit 9"));
  CHECK(notes.termination.starts_with("exited with code 9\nline "));
  CHECK(notes.termination.ends_with("\nline 2000\n"));
  CHECK(notes.termination.size() <= 4096);
  CHECK(notes.failure.starts_with("line 2000\nexited with code 9\n"));
}

TEST_CASE("a signal, a timeout and a program that is not there are told too") {
  CHECK(contains(notes_of(fixture("die", "11")).failure, "killed by SIGSEGV"));
  const Notes timeout = notes_of(shell("exec sleep 30"), {"--timeout", "200ms"});
  CHECK(timeout.exit_code == 124);
  CHECK(timeout.termination.starts_with("timed out, "));
  const Notes missing = notes_of({"/no/such/program"});
  CHECK(missing.exit_code == 127);
  CHECK(contains(missing.termination, "/no/such/program"));
  CHECK(contains(missing.failure, "/no/such/program"));
}

TEST_CASE("a job that ends well leaves no note, and one that stops on request says so") {
  const Notes well = notes_of(shell("echo fine >&2"));
  CHECK(well.termination == "");
  CHECK(well.failure == "");
}

TEST_CASE("what the program wrote itself is never written over") {
  const TempDir directory;
  const auto termination = directory / "termination", failure = directory / "failure";
  const Outcome outcome =
      run_toolkit(run_with({"--termination-log", termination, "--failure-file", failure},
                           shell("echo my own reason >" + failure + "; echo mine >" + termination +
                                 "; echo other >&2; exit 3")));
  CHECK(outcome.exit_code == 3);
  CHECK(read_file(failure) == "my own reason\n");
  CHECK(read_file(termination) == "mine\n");
}

TEST_CASE("an empty file that was made for us is filled, a place that is missing costs a warning") {
  const TempDir directory;
  const auto termination = directory.write("termination", "");
  const Outcome outcome = run_toolkit(
      run_with({"--termination-log", termination, "--failure-file", directory / "none/failure"},
               shell("echo bad >&2; exit 3")));
  CHECK(outcome.exit_code == 3);
  CHECK(read_file(termination) == "exited with code 3\nbad\n");
  CHECK(contains(outcome.err, "none/failure"));
}

TEST_CASE("an empty name means none") {
  CHECK(run_toolkit(run_with({"--termination-log", "", "--failure-file", ""}, fixture("exit", "3")))
            .exit_code == 3);
}
