// `run --check-gpu`: the child starts where its GPUs are fit. Libraries that hang are the fakes of
// tests/labs/gpu/fakes, which drive nothing.
#include <nlohmann/json.hpp>
#include <tests/integration/run_files.hpp>

#include <csignal>

using namespace std::chrono_literals;
using namespace toolkit::support;

namespace {

// What check-gpu says of this very machine, which may have a GPU or not.
int code_here(const std::string& visible) {
  return run_toolkit({"check-gpu", "--quiet"}, {.env = {{"NVIDIA_VISIBLE_DEVICES", visible}}})
      .exit_code;
}

LaunchOptions hanging(const TempDir& dir) {
  dir.write("script", "hang nvmlInit_v2\n");
  return {
      .env = {{"LD_LIBRARY_PATH", TOOLKIT_GPU_FAKES "/570"}, {"FAKE_GPU_SCRIPT", dir / "script"}}};
}

}  // namespace

TEST_CASE("a place that is not fit ends with the code of who must act, and nothing starts") {
  const int code = code_here("all");
  if (code < 10) {
    MESSAGE("skipped: this machine is fit, or nobody can tell");
    return;
  }
  const TempDir d;
  const Outcome outcome =
      run_toolkit(run_with({"--name", "unfit", "--check-gpu", "--env", "NVIDIA_VISIBLE_DEVICES=all",
                            "--before", "touch " + (d / "before")},
                           {"touch", d / "mark"}));
  CHECK(outcome.exit_code == code);
  CHECK(outcome.out.empty());
  CHECK(contains(outcome.err, "\ntoolkit run: --check-gpu: NOT FIT TO TRAIN: "));
  CHECK(contains(outcome.err, "\n  try: "));
  CHECK(lines_of(outcome.err).size() == 4);  // and where the phase begins and ends
  CHECK_FALSE(file_exists(d / "mark"));
  CHECK_FALSE(file_exists(d / "before"));
  CHECK(record_field("unfit", "state") == "exited");
  CHECK(record_field("unfit", "reason") == "check_gpu");
  CHECK(record_field("unfit", "exit_code") == std::to_string(code));
}

TEST_CASE("the environment of the child is what is judged") {
  if (code_here("none") != 10 || code_here("all") == 10) {
    MESSAGE("skipped: the variable makes no difference here");
    return;
  }
  CHECK(run_toolkit(run_with({"--check-gpu", "--env", "NVIDIA_VISIBLE_DEVICES=none"}, {"true"}))
            .exit_code == 10);
}

TEST_CASE("a signal while the driver is asked ends at once, with its probes, and nothing starts") {
  const TempDir d;
  auto run =
      start_toolkit(run_with({"--name", "check-stopped", "--check-gpu", "--check-gpu-timeout",
                              "50s", "--before", "touch " + (d / "before")},
                             {"touch", d / "mark"}),
                    hanging(d));
  REQUIRE(wait_until([&] { return !children_of(run.pid()).empty(); }));
  std::this_thread::sleep_for(300ms);
  const std::vector<pid_t> probes = children_of(run.pid());
  CHECK_FALSE(probes.empty());
  run.signal(SIGTERM);
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 143);
  CHECK(contains(outcome.err, "\ntoolkit run: --check-gpu: interrupted by SIGTERM after "));
  CHECK(outcome.seconds < 25);
  for (const pid_t probe : probes) {
    CHECK(kill(probe, 0) != 0);
  }
  CHECK_FALSE(file_exists(d / "mark"));
  CHECK_FALSE(file_exists(d / "before"));
  CHECK(record_field("check-stopped", "state") == "exited");
}

TEST_CASE("the driver is given as much time as --check-gpu-timeout says") {
  const TempDir d;
  const Outcome outcome =
      run_toolkit(run_with({"--check-gpu", "--check-gpu-timeout", "300ms"}, {"true"}), hanging(d));
  CHECK(outcome.seconds < 4);
  CHECK(contains(outcome.err, "nvmlInit_v2"));
}

TEST_CASE("--check-gpu-expect wants what check-gpu --expect wants, and neither option is alone") {
  for (const char* number : {"0", "99"}) {
    const int code = run_toolkit({"check-gpu", "--quiet", "--expect", number}).exit_code;
    CHECK(
        run_toolkit(run_with({"--check-gpu", "--check-gpu-expect", number}, {"true"})).exit_code ==
        (code >= 10 ? code : 0));
    CHECK((code >= 10) == (number == std::string("99")));
  }
  CHECK(run_toolkit(run_with({"--check-gpu-expect", "8"}, {"true"})).exit_code == 125);
  CHECK(run_toolkit(run_with({"--check-gpu-timeout", "8s"}, {"true"})).exit_code == 125);
}
