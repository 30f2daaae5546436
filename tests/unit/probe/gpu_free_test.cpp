#include <doctest/doctest.h>
#include <src/probe/gpu_free.hpp>
#include <tests/unit/probe/typed.hpp>

using namespace toolkit::support;
using toolkit::gpu::NvmlGpu;
using toolkit::gpu::ProbeFacts;
using toolkit::probe::denies;
using toolkit::probe::Finding;
using toolkit::probe::GpuSelection;
using toolkit::probe::judge_gpus;
using toolkit::probe::make_gpu_free;
using toolkit::probe::Reason;
using toolkit::probe::WantedGpus;

namespace {

constexpr std::uint64_t kGiB = 1 << 30;

// GPUs of 80 GiB, of which so many are used.
ProbeFacts machine_with(std::initializer_list<std::uint64_t> used) {
  ProbeFacts facts;
  facts.outcomes.push_back({"nvml", "done", "", "", 0});
  facts.nvml.init_error = 0;
  facts.nvml.count = static_cast<int>(used.size());
  for (const std::uint64_t each : used) {
    NvmlGpu gpu;
    gpu.index = static_cast<int>(facts.nvml.gpus.size());
    gpu.name = "H100";
    gpu.uuid = "GPU-" + std::to_string(*gpu.index);
    gpu.values = {{"memory.free", std::to_string((80 - each) * kGiB)},
                  {"memory.used", std::to_string(each * kGiB)}};
    facts.nvml.gpus.push_back(gpu);
  }
  return facts;
}

Finding free_memory(const ProbeFacts& facts, std::uint64_t gib, std::optional<long long> count = 1,
                    const GpuSelection& selection = {}) {
  return judge_gpus(facts, {gib * kGiB, count}, selection);
}

void check_unseen(const Finding& finding, bool final = false) {
  CAPTURE(finding.words);
  CHECK_FALSE(finding.met);
  CHECK_FALSE(denies(finding));
  CHECK(finding.final == final);
  CHECK(finding.words.starts_with("cannot tell: "));
  CHECK(finding.exit_code == (final ? std::optional(3) : std::nullopt));
}

}  // namespace

TEST_CASE("gpu-free: so many GPUs with so much memory") {
  const ProbeFacts facts = machine_with({0, 60, 79, 40});
  CHECK(free_memory(facts, 80).met);
  CHECK(free_memory(facts, 80).words == "1 of 4 GPUs has 80.0 GiB free");
  CHECK(free_memory(facts, 20, 3).met);
  const Finding busy = free_memory(facts, 20, std::nullopt);
  CHECK(denies(busy));
  CHECK(busy.reason == Reason::busy);
  CHECK(busy.words == "3 of 4 GPUs have 20.0 GiB free, wanted all");
  CHECK(free_memory(facts, 1, std::nullopt).met);
  CHECK(free_memory(facts, 1, 5).reason == Reason::busy);
  CHECK_FALSE(free_memory(machine_with({}), 0, std::nullopt).met);
}

TEST_CASE("gpu-free: idle is a GPU without a process and without memory of one") {
  ProbeFacts facts = machine_with({0, 0, 0});
  const WantedGpus all{std::nullopt, std::nullopt};
  CHECK(judge_gpus(facts, all, {}).met);
  facts.nvml.gpus[1].processes.push_back({{"kind", "compute"}, {"pid", "7"}, {"memory", "0"}});
  CHECK(judge_gpus(facts, all, {}).words == "2 of 3 GPUs have no process, wanted all");
  facts.nvml.gpus[1].processes.clear();
  facts.nvml.gpus[1].values["memory.used"] = std::to_string(300 << 20);  // another container's
  CHECK(denies(judge_gpus(facts, all, {})));
  facts.nvml.gpus[1].values["memory.used"] = "4096";
  facts.nvml.gpus[1].absent["process.compute"] = "nvml 3";
  check_unseen(judge_gpus(facts, all, {}));
}

TEST_CASE("gpu-free: what cannot be seen is never free") {
  ProbeFacts facts = machine_with({0, 60});
  facts.nvml.gpus[0].values["mig.mode"] = "1";
  check_unseen(free_memory(facts, 40));
  facts = machine_with({60});
  facts.nvml.count = 2;  // the other had no time to answer
  check_unseen(free_memory(facts, 40));
  CHECK(denies(free_memory(facts, 40, 3)));
  facts = machine_with({60});
  facts.nvml.gpus[0].values.clear();
  check_unseen(free_memory(facts, 40));
  facts = machine_with({});
  facts.nvml.init_error = 9;
  check_unseen(free_memory(facts, 1));
  facts = {};
  check_unseen(free_memory(facts, 1));
  facts.outcomes.push_back({"nvml", "hung", "nvmlInit_v2", "", 0});
  CHECK(free_memory(facts, 1).words == "cannot tell: NVML has hung in nvmlInit_v2");
  facts.nvml.load_error = "libnvidia-ml.so.1: cannot open shared object file";
  check_unseen(free_memory(facts, 1), true);
  facts.outcomes[0].state = "no loader";
  check_unseen(free_memory(facts, 1), true);
}

TEST_CASE("gpu-free: of the GPUs that programs see") {
  ProbeFacts facts = machine_with({0, 60, 0});
  CHECK(denies(free_memory(facts, 40, 1, {"1", {}})));
  CHECK(free_memory(facts, 40, std::nullopt, {"2,0", {}}).met);
  CHECK(free_memory(facts, 40, 1, {"GPU-2", {}}).words == "1 of 1 GPUs has 40.0 GiB free");
  CHECK(denies(free_memory(facts, 40, 1, {"", {}})));
  CHECK(denies(free_memory(facts, 40, 1, {"7", {}})));  // CUDA shows none then
  facts.nvml.count = 8;
  check_unseen(free_memory(facts, 40, 1, {"7", {}}));
  facts.nvml.gpus[0].name = "T4";
  check_unseen(free_memory(facts, 40, 1, {"0", {}}));
  CHECK(free_memory(facts, 40, 1, {"0", "PCI_BUS_ID"}).met);
}

TEST_CASE("gpu-free: mistakes have their place") {
  CHECK(typed_mistake(make_gpu_free, "gpu-free:some") ==
        "gpu-free: wants a size or the word idle\nsome");
  CHECK(typed_mistake(make_gpu_free, "gpu-free:idle gpus=0") ==
        "gpus= wants a number of GPUs or all\n0");
  CHECK(typed_mistake(make_gpu_free, "gpu-free:1G gpus>2").ends_with("\ngpus>2"));
  CHECK(typed_mistake(make_gpu_free, "gpu-free:1G memory=2").ends_with("\nmemory"));
}
