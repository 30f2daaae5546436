// Who the child is, where it is, and what it finds: user, directory, variables, umask, conda.
#include <tests/integration/run_files.hpp>
#include <unistd.h>

#include <filesystem>

using namespace toolkit::support;

namespace {

std::string out_of(const Words& options, const std::string& script, LaunchOptions launch = {}) {
  const Outcome outcome = run_toolkit(run_with(options, shell(script)), std::move(launch));
  CHECK(outcome.exit_code == 0);
  return outcome.out;
}

bool not_root() {
  if (::geteuid() != 0) {
    MESSAGE("skipped: changing the user needs root");
  }
  return ::geteuid() != 0;
}

}  // namespace

TEST_CASE("the child runs as the user that was asked for") {
  if (not_root()) {
    return;
  }
  const std::string tell = "echo $(id -u):$(id -g):$(id -G) $HOME $USER";
  CHECK(out_of({"--user", "nobody"}, tell) == "65534:65534:65534 /nonexistent nobody\n");
  CHECK(out_of({"--user", "65534"}, tell) == "65534:65534:65534 /nonexistent nobody\n");
  CHECK(out_of({"--user", "nobody:daemon"}, "echo $(id -u):$(id -g)") == "65534:1\n");
  const LaunchOptions as_root = {.env = {{"HOME", "/root"}, {"USER", "root"}}};
  CHECK(out_of({"--user", "4711:4712"}, "echo $(id -u):$(id -g):$(id -G)", as_root) ==
        "4711:4712:4712\n");
  CHECK(out_of({"--user", "nobody"},
               "grep -E '^Cap(Eff|Prm)' /proc/self/status | cut -f2 | sort -u") ==
        "0000000000000000\n");
}

TEST_CASE("a hook runs as the child's user too") {
  if (not_root()) {
    return;
  }
  CHECK(out_of({"--user", "nobody", "--before", "id -un"}, "id -un") == "nobody\nnobody\n");
}

TEST_CASE("an unknown user is an error before the child starts") {
  const Outcome outcome = run_toolkit(run_with({"--user", "no-such-user"}, shell("echo started")));
  CHECK(outcome.exit_code == 125);
  CHECK(outcome.out == "");
  CHECK(contains(outcome.err, "no-such-user"));
}

TEST_CASE("the child starts in the directory and with the umask that were asked for") {
  const TempDir directory;
  CHECK(out_of({"--chdir", directory.path(), "--umask", "027"}, "pwd; umask") ==
        std::filesystem::canonical(directory.path()).string() + "\n0027\n");
  const Outcome missing =
      run_toolkit(run_with({"--chdir", "/no/such/place"}, shell("echo started")));
  CHECK(missing.exit_code == 125);
  CHECK(contains(missing.err, "/no/such/place"));
}

TEST_CASE("variables come from files, then from --env, and the child sees the last word") {
  const TempDir directory;
  const auto file = directory.write(
      "vars",
      "# comment\nexport A=file\nB='single $HOME'\nC=\"two\\nlines\"\nD= bare words \nA2=file\n\n");
  const std::string tell = "echo \"A=$A A2=$A2 B=$B D=$D E=$E\"; echo \"C=$C\"";
  CHECK(out_of({"--env-file", file, "--env", "A=option", "--env", "E"}, tell,
               {.env = {{"E", "ours"}, {"A", "outer"}}}) ==
        "A=option A2=file B=single $HOME D=bare words E=ours\nC=two\nlines\n");
}

TEST_CASE("a broken env file names its line and starts nothing") {
  const TempDir directory;
  const auto file = directory.write("vars", "GOOD=1\nthis is no assignment\n");
  const Outcome outcome = run_toolkit(run_with({"--env-file", file}, shell("echo started")));
  CHECK(outcome.exit_code == 125);
  CHECK(outcome.out == "");
  CHECK(contains(outcome.err, file + " has broken lines: line 2"));
}

TEST_CASE("the program is looked for in the child's own PATH") {
  const TempDir directory;
  directory.write("bin/own-tool", "#!/bin/sh\necho own\n", 0755);
  const Outcome outcome = run_toolkit(
      run_with({"--env", "PATH=" + (directory / "bin") + ":/usr/bin:/bin"}, {"own-tool"}));
  CHECK(outcome.out == "own\n");
}

TEST_CASE("a conda environment is entered without another process in between") {
  const TempDir root;
  std::filesystem::create_directories(root / "envs/torch/conda-meta");
  std::filesystem::create_directories(root / "conda-meta");
  std::filesystem::create_directories(root / "condabin");
  root.write("bin/conda", "#!/bin/sh\n", 0755);
  root.write("envs/torch/bin/which-env", "#!/bin/sh\necho tool of torch\n", 0755);
  root.write("envs/torch/etc/conda/activate.d/cuda.sh",
             "export FROM_SCRIPT=\"yes $CONDA_PREFIX\"\n");
  const LaunchOptions installed = {
      .env = {{"CONDA_ROOT", root.path()}, {"CONDA_EXE", root / "bin/conda"}},
      .unset = {"CONDA_PREFIX", "CONDA_SHLVL", "CONDA_DEFAULT_ENV"}};
  const auto pid_file = root / "pid";
  const std::string out =
      out_of({"--conda", "torch", "--pid-file", pid_file},
             "while [ ! -s " + pid_file +
                 " ]; do sleep 0.01; done; which-env; echo $CONDA_PREFIX; echo $CONDA_DEFAULT_ENV "
                 "$CONDA_SHLVL; echo $FROM_SCRIPT; "
                 "[ $$ = $(cat " +
                 pid_file + ") ] && echo same process; echo $PATH | cut -d: -f1",
             installed);
  const std::string prefix = root / "envs/torch";
  CHECK(out == "tool of torch\n" + prefix + "\ntorch 1\nyes " + prefix + "\nsame process\n" +
                   prefix + "/bin\n");
  CHECK(contains(out_of({"--conda", prefix}, "which-env", installed), "tool of torch"));

  const Outcome missing =
      run_toolkit(run_with({"--conda", "torhc"}, shell("echo started")), installed);
  CHECK(missing.exit_code == 125);
  CHECK(contains(missing.err, "torch"));  // the nearest one
}
