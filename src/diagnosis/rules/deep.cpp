// What GPUs did at work, --deep.
#include "gpus.hpp"
#include "rules.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::diagnosis {
namespace {

using Burned = std::map<std::string, std::string>;

std::optional<std::int64_t> number_of(const Burned& burned, const char* key) {
  const auto it = burned.find(key);
  return it == burned.end() ? std::nullopt : parse_whole(it->second);
}

const gpu::CudaGpu* cuda_gpu(const gpu::Facts& facts, const Burned& burned) {
  const auto ordinal = number_of(burned, "ordinal");
  const auto it = std::ranges::find_if(facts.probes.cuda.gpus, [&](const gpu::CudaGpu& gpu) {
    return ordinal && gpu.ordinal == *ordinal;
  });
  return it == facts.probes.cuda.gpus.end() ? nullptr : &*it;
}

const gpu::NvmlGpu* nvml_gpu(const gpu::Facts& facts, const gpu::CudaGpu* cuda) {
  const auto it = std::ranges::find_if(facts.probes.nvml.gpus, [&](const gpu::NvmlGpu& gpu) {
    return cuda != nullptr && !cuda->address.empty() && gpu.address == cuda->address;
  });
  return it == facts.probes.nvml.gpus.end() ? nullptr : &*it;
}

std::string measured(const Burned& burned, const char* key) {
  const auto it = burned.find(key);
  return fmt::format("{} {}", key, it == burned.end() ? "not measured" : it->second);
}

using Judge = Finding (*)(const gpu::Facts& facts, const Burned& burned);

std::vector<Finding> each_burned(const Question& question, Judge judge) {
  std::vector<Finding> findings;
  for (const Burned& burned : question.facts.probes.deep.gpus) {
    findings.push_back(judge(question.facts, burned));
    const gpu::CudaGpu* cuda = cuda_gpu(question.facts, burned);
    const auto ordinal = number_of(burned, "ordinal");
    findings.back().scope = cuda != nullptr && !cuda->address.empty()
                                ? cuda->address
                                : fmt::format("CUDA {}", ordinal.value_or(-1));
  }
  return findings;
}

// The driver compiles PTX by a library of its own; where the runtime left it out, nothing that
// brings PTX can run.
Finding start(const gpu::Facts&, const Burned& burned) {
  const auto module = number_of(burned, "module");
  const auto failed = burned.find("failed");
  const std::string log = burned.contains("log") ? burned.at("log") : "";
  if (module == 221) {
    return as("no_jit",
              fail(Owner::runtime, "the driver's compiler of PTX is not in this container (221)",
                   "have the runtime mount libnvidia-ptxjitcompiler.so.1 too",
                   {"cuModuleLoadDataEx: 221"}));
  }
  if (module.value_or(0) != 0) {
    return as("module",
              fail(Owner::node, fmt::format("the driver does not take a kernel (code {})", *module),
                   "look at the driver's version and at its log of errors",
                   {fmt::format("cuModuleLoadDataEx: {}", *module), log}));
  }
  if (failed != burned.end()) {
    return as("failed",
              fail(Owner::hardware, fmt::format("work on this GPU failed in {}", failed->second),
                   "read `dmesg` on the node for Xid lines; reset the GPU, and have it "
                   "examined if it fails again",
                   {fmt::format("failed {}", failed->second)}));
  }
  return burned.contains("done") ? pass("it has done what it was given")
                                 : unknown("its work did not come to its end");
}

Finding memory(const gpu::Facts&, const Burned& burned) {
  const auto wrong = number_of(burned, "wrong_words");
  const auto tested = number_of(burned, "tested_bytes");
  if (!wrong || !tested) {
    return unknown("its memory was not tested to the end");
  }
  const std::vector<std::string> evidence{measured(burned, "wrong_words"),
                                          measured(burned, "wrong_offset"),
                                          measured(burned, "tested_bytes")};
  if (*wrong > 0) {
    return as("wrong",
              fail(Owner::hardware,
                   fmt::format("{} words came back wrong, the last at offset {}", *wrong,
                               number_of(burned, "wrong_offset").value_or(0)),
                   "do not train on this GPU: results would be wrong; have it replaced", evidence));
  }
  return pass(fmt::format("{} MiB hold what was written", *tested >> 20), evidence);
}

Finding arithmetic(const gpu::Facts&, const Burned& burned) {
  const auto wrong = number_of(burned, "wrong_results");
  if (!wrong) {
    return unknown("its arithmetic was not tested to the end");
  }
  const std::vector<std::string> evidence{measured(burned, "wrong_results"),
                                          measured(burned, "wrong_sm"),
                                          measured(burned, "fma_gflops")};
  if (*wrong > 0) {
    return as(
        "wrong",
        fail(Owner::hardware,
             fmt::format("{} threads got another result than IEEE 754 says, the last on SM {}",
                         *wrong, number_of(burned, "wrong_sm").value_or(-1)),
             "do not train on this GPU: results would be wrong; have it replaced", evidence));
  }
  return pass(fmt::format("every multiply-add was right, {:.1f} TFLOP/s in 32 bits",
                          static_cast<double>(number_of(burned, "fma_gflops").value_or(0)) / 1000),
              evidence);
}

// Every byte that is copied is read and written.
Finding bandwidth(const gpu::Facts& facts, const Burned& burned) {
  const auto copied = number_of(burned, "copy_mbs");
  const gpu::CudaGpu* cuda = cuda_gpu(facts, burned);
  if (!copied || cuda == nullptr) {
    return unknown("its memory's bandwidth was not measured");
  }
  const auto attribute = [&](const char* key) -> std::int64_t {
    const auto it = cuda->attributes.find(key);
    return it == cuda->attributes.end() ? 0 : parse_whole(it->second).value_or(0);
  };
  const std::int64_t width = attribute("memory_bus_width");
  const std::int64_t clock = attribute("memory_clock_khz");
  const bool sane = width > 0 && width <= 65536 && clock > 0 && clock < 100'000'000;
  if (!sane || cuda->name.find("MIG") != std::string::npos || *copied > 1'000'000'000) {
    return skip("what it could reach is not known");
  }
  const double nominal = static_cast<double>(width) / 8 * static_cast<double>(clock) * 2 / 1000;
  const double share = static_cast<double>(*copied) * 2 / nominal;
  const std::vector<std::string> evidence{
      measured(burned, "copy_mbs"),
      fmt::format("nominal {:.0f} MB/s: {} bits at {} kHz, twice", nominal, width, clock)};
  const std::string cause = fmt::format("its memory moves {:.0f} GB/s, {:.0f} % of nominal",
                                        share * nominal / 1000, share * 100);
  if (share < 0.6) {
    return as("slow",
              fail(Owner::hardware, cause,
                   "look for heat, power caps and other users; have it examined", evidence));
  }
  if (share < 0.8) {
    return as("slower",
              warn(Owner::hardware, cause, "look for heat, power caps and other users", evidence));
  }
  return pass(cause, evidence);
}

// What Azure lets a node of its fleet go for, of 16 lanes. Generation 6 has no such figure yet.
Finding transfer(const gpu::Facts& facts, const Burned& burned) {
  const auto in = number_of(burned, "to_device_mbs");
  const auto out = number_of(burned, "to_host_mbs");
  if (!in || !out) {
    return unknown("its way to the host was not measured");
  }
  const std::int64_t slower = std::min(*in, *out);
  const std::vector<std::string> evidence{measured(burned, "to_device_mbs"),
                                          measured(burned, "to_host_mbs")};
  const gpu::NvmlGpu* nvml = nvml_gpu(facts, cuda_gpu(facts, burned));
  const auto generation =
      nvml == nullptr ? std::nullopt : number(*nvml, gpu::value::kPcieMaxGeneration);
  const auto width = nvml == nullptr ? std::nullopt : number(*nvml, gpu::value::kPcieMaxWidth);
  constexpr std::array<std::int64_t, 6> kFloors{0, 0, 0, 9000, 21000, 48000};
  if (!generation || *generation < 3 || *generation > 5 || width != 16) {
    return skip(fmt::format("{:.1f} GB/s; no floor is known for this slot",
                            static_cast<double>(slower) / 1000),
                evidence);
  }
  const std::int64_t floor = kFloors.at(static_cast<std::size_t>(*generation));
  const std::string cause =
      fmt::format("{:.1f} GB/s to and from the host", static_cast<double>(slower) / 1000);
  if (slower < floor) {
    return as("slow", fail(Owner::hardware,
                           fmt::format("{}, {} are the least for PCIe {} x16", cause, floor / 1000,
                                       *generation),
                           "look at the slot's lanes under load, at IOMMU settings and at the "
                           "process's NUMA node",
                           evidence));
  }
  return pass(cause, evidence);
}

std::vector<Finding> judge_start(const Question& question) { return each_burned(question, start); }
std::vector<Finding> judge_memory(const Question& question) {
  return each_burned(question, memory);
}
std::vector<Finding> judge_arithmetic(const Question& question) {
  return each_burned(question, arithmetic);
}
std::vector<Finding> judge_bandwidth(const Question& question) {
  return each_burned(question, bandwidth);
}
std::vector<Finding> judge_transfer(const Question& question) {
  return each_burned(question, transfer);
}

// GPUs of one name against the one in their middle.
std::vector<Finding> judge_peers(const Question& question) {
  const auto& all = question.facts.probes.deep.gpus;
  std::vector<std::int64_t> speeds;
  for (const Burned& burned : all) {
    if (const auto speed = number_of(burned, "copy_mbs"); speed && *speed > 0) {
      speeds.push_back(*speed);
    }
  }
  const auto name_of = [&](const Burned& burned) {
    const gpu::CudaGpu* cuda = cuda_gpu(question.facts, burned);
    return cuda == nullptr ? std::string() : cuda->name;
  };
  const bool alike = std::ranges::all_of(
      all, [&](const Burned& burned) { return name_of(burned) == name_of(all.front()); });
  if (speeds.size() < 3 || !alike) {
    return {};
  }
  std::ranges::nth_element(speeds, speeds.begin() + static_cast<std::ptrdiff_t>(speeds.size() / 2));
  const double middle = static_cast<double>(speeds[speeds.size() / 2]);
  std::vector<Finding> findings;
  for (const Burned& burned : all) {
    const double speed = static_cast<double>(number_of(burned, "copy_mbs").value_or(0));
    const double behind = 1 - speed / middle;
    if (speed <= 0 || behind <= 0.05) {
      continue;
    }
    const std::string cause = fmt::format(
        "{:.0f} % slower than the GPUs beside it: all ranks will wait for it", behind * 100);
    const std::vector<std::string> evidence{measured(burned, "copy_mbs"),
                                            fmt::format("the middle one: {:.0f}", middle)};
    const char* remedy = "leave this GPU or node out of the job; look for heat and power caps";
    findings.push_back(behind > 0.15
                           ? as("straggler", fail(Owner::hardware, cause, remedy, evidence))
                           : as("slower", warn(Owner::hardware, cause, remedy, evidence)));
    const gpu::CudaGpu* cuda = cuda_gpu(question.facts, burned);
    findings.back().scope = cuda == nullptr ? "" : cuda->address;
  }
  if (findings.empty()) {
    findings.push_back(pass("all GPUs are as fast as each other"));
  }
  return findings;
}

constexpr std::array<std::string_view, 2> kNeeds{"cuda.init", "probe.hung"};
constexpr std::array<std::string_view, 3> kStarted{"cuda.init", "probe.hung", "burn.start"};

}  // namespace

std::span<const Rule> deep_rules() {
  static constexpr std::array<Rule, 6> kRules{{
      {"burn.start", "Does a GPU take work?",
       "With --deep: opens the primary context, loads a kernel as PTX 3.2 for sm_30, which every "
       "driver "
       "since 2013 compiles for its GPU, and runs it. Each GPU has a process of its own.",
       "cuda.h: CUresult; NVIDIA/DCGM's use of PTX", kNeeds, judge_start},
      {"burn.memory", "Does memory give back what was written?",
       "With --deep: half of the free memory, at most 8 GiB, is filled with words that depend on "
       "their "
       "place, and compared by the GPU, twice with other words.",
       "the address-in-address test of memtest86 and cuda_memtest", kStarted, judge_memory},
      {"burn.compute", "Does arithmetic give the right results?",
       "With --deep: 262144 threads do a million multiply-adds each, all the same ones, whose "
       "result is known to the bit; a thread that gets another names its SM.",
       "IEEE 754-2019, fusedMultiplyAdd", kStarted, judge_arithmetic},
      {"burn.bandwidth", "Is memory as fast as it should be?",
       "With --deep: copies inside of the GPU, read and write counted, against bus width times "
       "clock times "
       "two. Below 80 % warns, below 60 % fails.",
       "cuda.h: CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH; NVIDIA/DCGM: its floors", kStarted,
       judge_bandwidth},
      {"burn.pcie", "Is the way to the host as fast as it should be?",
       "With --deep: copies of pinned memory both ways. The least for 16 lanes of PCIe 3, 4 and 5 "
       "is 9, 21 "
       "and 48 GB/s.",
       "Azure/azurehpc-health-checks", kStarted, judge_transfer},
      {"burn.peers", "Is one GPU slower than the others?",
       "With --deep: the copies of three or more GPUs of one name; more than 5 % behind the one in "
       "the "
       "middle warns, more than 15 % fails.",
       "straggler detection: intelligent-machine-learning/dlrover#718", kStarted, judge_peers},
  }};
  return kRules;
}

}  // namespace toolkit::diagnosis
