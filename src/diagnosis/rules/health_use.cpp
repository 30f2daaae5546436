// How a GPU is set up, and who else uses it.
#include "gpus.hpp"
#include "health.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::diagnosis {
namespace {

using gpu::NvmlGpu;
namespace value = gpu::value;

constexpr int kExclusiveThread = 1, kProhibited = 2, kExclusiveProcess = 3;

std::string text_of(const std::map<std::string, std::string>& map, const char* key) {
  const auto it = map.find(key);
  return it == map.end() ? "?" : it->second;
}

std::string holders(const NvmlGpu& gpu) {
  std::string list;
  for (const auto& process : gpu.processes) {
    list += (list.empty() ? "" : ", ") + text_of(process, "pid");
  }
  return list;
}

Finding mode(const NvmlGpu& gpu) {
  const auto compute = number(gpu, value::kComputeMode);
  const auto persistence = number(gpu, value::kPersistence);
  const std::vector<std::string> evidence{shown(gpu, value::kComputeMode),
                                          shown(gpu, value::kPersistence),
                                          shown(gpu, value::kVirtualization)};
  const char* remedy = "on the node, `nvidia-smi -c 0`";
  if (!compute) {
    return not_there(gpu, value::kComputeMode);
  }
  if (*compute == kProhibited) {
    return as("prohibited",
              fail(Owner::node, "its compute mode forbids computing", remedy, evidence));
  }
  const bool exclusive = *compute == kExclusiveProcess || *compute == kExclusiveThread;
  if (exclusive && !gpu.processes.empty()) {
    return as("held", fail(Owner::node,
                           fmt::format("set to exclusive use, and held by process {} of the node",
                                       holders(gpu)),
                           "end that process, or on the node `nvidia-smi -c 0`", evidence));
  }
  if (exclusive) {
    return as("exclusive", warn(Owner::node, "set to exclusive use: one process only may open it",
                                remedy, evidence));
  }
  if (persistence == 0) {
    return as("persistence",
              warn(Owner::node, "persistence is off: each first use starts the GPU anew",
                   "on the node, start nvidia-persistenced", evidence));
  }
  return pass(number(gpu, value::kVirtualization) == 2
                  ? "shared computing; a virtual GPU, which needs "
                    "a licence"
                  : "shared computing",
              evidence);
}

Finding mig(const NvmlGpu& gpu) {
  const auto now = number(gpu, value::kMigMode);
  const auto pending = number(gpu, value::kMigPending);
  if (!now) {
    return not_there(gpu, value::kMigMode);
  }
  const std::vector<std::string> evidence{shown(gpu, value::kMigMode),
                                          shown(gpu, value::kMigPending),
                                          fmt::format("{} instances", gpu.mig.size())};
  if (pending && *pending != *now) {
    return as("pending", warn(Owner::node, "a change of the MIG mode waits for a reset",
                              "reset the GPU or reboot the node", evidence));
  }
  if (*now != 0 && gpu.mig.empty()) {
    return as("no_instance",
              fail(Owner::runtime, "MIG is on, and no instance of it is in this container",
                   "ask the runtime for a MIG device (`nvidia.com/mig-…`, `--gpus "
                   "device=MIG-…`), or have MIG switched off",
                   evidence));
  }
  if (*now != 0 && gpu.mig.size() > 1) {
    return as("several",
              warn(Owner::user,
                   fmt::format("{} MIG instances: CUDA uses one a process, and NCCL does "
                               "not join them",
                               gpu.mig.size()),
                   "give each process its own MIG device, or use whole GPUs", evidence));
  }
  return pass(*now != 0 ? "one MIG instance" : "MIG is off", evidence);
}

// What others hold: process ids are those of the node, which need not mean anything in here.
Finding processes(const NvmlGpu& gpu) {
  const auto total = number(gpu, value::kMemoryTotal);
  const auto used = number(gpu, value::kMemoryUsed);
  const std::vector<std::string> evidence{
      shown(gpu, value::kMemoryUsed), shown(gpu, value::kMemoryReserved),
      fmt::format("processes: {}", gpu.processes.empty() ? "none" : holders(gpu))};
  if (!gpu.processes.empty()) {
    return as("in_use",
              warn(Owner::user,
                   fmt::format("in use by {} process{} of the node ({})", gpu.processes.size(),
                               gpu.processes.size() == 1 ? "" : "es", holders(gpu)),
                   "end what is left of earlier jobs, or take another GPU", evidence));
  }
  if (!total || !used) {
    return not_there(gpu, value::kMemoryTotal);
  }
  constexpr std::int64_t kGiB = 1 << 30;
  // Before 510 the driver counts its own share as used.
  const bool own_share_inside = gpu.values.find(value::kMemoryReserved) == gpu.values.end();
  const std::int64_t allowed = std::max(kGiB, *total / 100 * 3) + (own_share_inside ? kGiB : 0);
  if (*used > allowed) {
    return as(
        "memory",
        warn(Owner::user,
             fmt::format("{:.1f} of {:.1f} GiB are in use, and no process is shown",
                         static_cast<double>(*used) / kGiB, static_cast<double>(*total) / kGiB),
             "look on the node who holds them: processes of other containers are not "
             "shown in here",
             evidence));
  }
  return pass("nobody else uses it", evidence);
}

// What most of them have, where not all have the same.
std::string usual(const std::vector<std::string>& values) {
  std::string best;
  std::ptrdiff_t most = 0;
  for (const std::string& value : values) {
    if (const auto times = std::ranges::count(values, value); times > most) {
      most = times;
      best = value;
    }
  }
  return best;
}

}  // namespace

std::vector<Finding> judge_mode(const Question& question) { return each_gpu(question, mode); }
std::vector<Finding> judge_mig(const Question& question) { return each_gpu(question, mig); }
std::vector<Finding> judge_processes(const Question& question) {
  return each_gpu(question, processes);
}

std::vector<Finding> judge_uniform(const Question& question) {
  const gpu::NvmlFacts& nvml = question.facts.probes.nvml;
  std::vector<const NvmlGpu*> gpus;
  for (const NvmlGpu& gpu : nvml.gpus) {
    if (gpu.handle_error == 0) {
      gpus.push_back(&gpu);
    }
  }
  if (nvml.init_error != 0 || gpus.size() < 2) {
    return {};
  }
  constexpr std::array kKeys{
      value::kVbios,      value::kMemoryTotal,  value::kEccMode,           value::kPowerLimit,
      value::kClockMaxSm, value::kPcieMaxWidth, value::kPcieMaxGeneration, value::kMigMode};
  std::vector<Finding> findings;
  for (const NvmlGpu* gpu : gpus) {
    std::vector<std::string> differences;
    const auto compare = [&](const char* what, auto read) {
      std::vector<std::string> all;
      for (const NvmlGpu* other : gpus) {
        all.push_back(read(*other));
      }
      if (const std::string most = usual(all); read(*gpu) != most) {
        differences.push_back(fmt::format("{}: {}, others {}", what, read(*gpu), most));
      }
    };
    compare("name", [](const NvmlGpu& one) { return one.name; });
    for (const char* key : kKeys) {
      compare(key, [key](const NvmlGpu& one) {
        const auto it = one.values.find(key);
        return it == one.values.end() ? std::string("not seen") : it->second;
      });
    }
    if (!differences.empty()) {
      findings.push_back(as("differs", warn(Owner::node,
                                            "it is not like the other GPUs here: all "
                                            "ranks wait for the slowest",
                                            "use GPUs of one kind and one setting in a job",
                                            std::move(differences))));
      findings.back().scope = scope_of(*gpu);
    }
  }
  if (findings.empty()) {
    findings.push_back(pass(fmt::format("{} GPUs, all alike", gpus.size())));
  }
  return findings;
}

}  // namespace toolkit::diagnosis
