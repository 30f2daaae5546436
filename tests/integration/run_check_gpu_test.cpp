// `run --check-gpu`: the child starts where its GPUs are fit.
#include <nlohmann/json.hpp>
#include <tests/integration/run_files.hpp>

using namespace toolkit::support;

namespace {

// What check-gpu says of this very machine, which may have a GPU or not.
int code_here(const std::string& visible) {
  return run_toolkit({"check-gpu", "--quiet"}, {.env = {{"NVIDIA_VISIBLE_DEVICES", visible}}})
      .exit_code;
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
  CHECK(outcome.err.starts_with("toolkit run: --check-gpu: NOT FIT TO TRAIN: "));
  CHECK(contains(outcome.err, "\n  try: "));
  CHECK(lines_of(outcome.err).size() == 2);
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
