// `wait gpu-free:` over libraries that answer like NVIDIA's, and hang: the fakes of
// tests/labs/gpu/fakes, which drive nothing.
#include "env_run.hpp"

#include <chrono>

using namespace toolkit::support;

namespace {

Outcome wait_for(const std::string& script, const Words& options, const Words& more = {}) {
  const TempDir dir;
  dir.write("script", script);
  return run_clean(
      Words{"LD_LIBRARY_PATH=" TOOLKIT_GPU_FAKES "/570", "FAKE_GPU_SCRIPT=" + dir / "script"} +
          more,
      Words{"wait", "--timeout", "5s"} + options);
}

}  // namespace

TEST_CASE("GPUs with enough free memory are waited for") {
  const std::string two = "set gpus 2\nset memory.used 80000000000 1\n";
  CHECK(wait_for(two, {"gpu-free:40G"}).exit_code == 0);
  const Outcome both = wait_for(two, {"--timeout", "2s", "gpu-free:40G gpus=2"});
  CHECK(both.exit_code == 124);
  CHECK(contains(both.err, "1 of 2 GPUs has 40.0 GiB free, wanted 2"));
  CHECK(wait_for(two, {"--timeout", "2s", "gpu-free:40G"}, {"CUDA_VISIBLE_DEVICES=1"}).exit_code ==
        124);
}

TEST_CASE("a GPU without a process is idle") {
  CHECK(wait_for("set gpus 2\n", {"gpu-free:idle gpus=all"}).exit_code == 0);
  const Outcome used = wait_for("set gpus 2\nset process.memory 1024 1\n",
                                {"--timeout", "1s", "gpu-free:idle gpus=all"});
  CHECK(used.exit_code == 124);
  CHECK(contains(used.err, "1 of 2 GPUs has no process, wanted all"));
}

TEST_CASE("a driver that hangs is neither a free GPU nor a used one, and holds no deadline") {
  const auto begin = std::chrono::steady_clock::now();
  for (const Words& condition : {Words{"gpu-free:1G"}, Words{"not", "gpu-free:1G"}}) {
    const Outcome outcome = wait_for("hang nvmlInit_v2\n", Words{"--timeout", "2s"} + condition);
    CHECK(outcome.exit_code == 124);
    CHECK(contains(outcome.err, "cannot tell: NVML has hung in nvmlInit_v2"));
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("without NVML nobody can tell") {
  const Outcome outcome =
      run_clean({"LD_LIBRARY_PATH=/nonexistent"}, {"wait", "--timeout", "5s", "gpu-free:1G"});
  if (outcome.exit_code == 0 || outcome.exit_code == 124) {
    MESSAGE("skipped: this machine has NVIDIA's library");
    return;
  }
  CHECK(outcome.exit_code == 3);
  CHECK(contains(outcome.err, "cannot tell: "));
}
