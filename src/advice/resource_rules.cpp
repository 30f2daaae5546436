// CPUs, memory, processes and files.
#include "rules.hpp"

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/cgroup/cpus.hpp>
#include <toolkit/cgroup/settings.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::advice {
namespace {

using cluster::Field;
using Bytes = cgroup::Limit<std::uint64_t>::State;
using Quota = cgroup::Limit<cgroup::CpuTime>::State;

constexpr int kIpcLock = 14;  // CAP_IPC_LOCK
constexpr std::uint64_t kShm = 1ULL << 30;
// systemd.exec(5), LimitNOFILE: the soft limit of 1024 is for programs that use select(2).
constexpr std::uint64_t kOldSelect = 1024;

const machine::ResourceLimit* find_limit(const Scene& scene, std::string_view name) {
  const auto& limits = scene.facts.limits;
  const auto found = std::ranges::find(limits, name, &machine::ResourceLimit::name);
  return found == limits.end() ? nullptr : &*found;
}

std::optional<cgroup::EffectiveCpus> cpus_of(const Scene& scene) {
  return cgroup::effective_cpus(scene.limits.cpu, scene.limits.cpuset, scene.facts.cpus.allowed,
                                scene.facts.cpus.online);
}

std::uint64_t local_processes(const Scene& scene) {
  return std::max<std::uint64_t>(1, number_of(scene, Field::local_world_size).value_or(1));
}

}  // namespace

Finding shared_memory(const Scene& scene) {
  const auto& memory = scene.facts.shared_memory;
  const std::string remedy =
      "docker run --shm-size=8g (or --ipc=host); in Kubernetes an emptyDir "
      "with medium: Memory at /dev/shm";
  if (!memory.total) {
    return warn("there is no /dev/shm", "statfs(/dev/shm)", remedy);
  }
  const std::string evidence = fmt::format("statfs(/dev/shm): {} bytes", *memory.total);
  const std::string title = "/dev/shm is " + describe_bytes(*memory.total);
  return *memory.total < kShm ? warn(title + ", less than 1 GiB", evidence, remedy)
                              : pass(title, evidence);
}

Finding locked_memory(const Scene& scene) {
  const auto* limit = find_limit(scene, "memlock");
  if (scene.facts.network.rdma.empty()) {
    return skip("no RDMA device is here");
  }
  if (limit == nullptr) {
    return unknown("the limit of locked memory cannot be read", "RLIMIT_MEMLOCK");
  }
  if (!limit->soft || has_capability(scene, kIpcLock)) {
    return pass("memory may be locked", limit->soft ? "CAP_IPC_LOCK" : "RLIMIT_MEMLOCK: unlimited");
  }
  return failed(
      "only " + describe_bytes(*limit->soft) + " may be locked, and RDMA is here",
      fmt::format("RLIMIT_MEMLOCK: {}; {}", *limit->soft, scene.facts.network.rdma.front().name),
      "docker run --ulimit memlock=-1 (or --cap-add IPC_LOCK)");
}

Finding open_files(const Scene& scene) {
  const auto* limit = find_limit(scene, "nofile");
  if (limit == nullptr) {
    return unknown("the limit of open files cannot be read", "RLIMIT_NOFILE");
  }
  const std::string soft = limit->soft ? std::to_string(*limit->soft) : "unlimited";
  const std::string hard = limit->hard ? std::to_string(*limit->hard) : "unlimited";
  const std::string evidence = "RLIMIT_NOFILE: " + soft + ", at most " + hard;
  if (!limit->soft || *limit->soft > kOldSelect) {
    return pass(soft + " files may be open", evidence);
  }
  const bool can_rise = !limit->hard || *limit->hard > *limit->soft;
  return warn("only " + soft + " files may be open", evidence,
              can_rise ? "ulimit -n " + (limit->hard ? hard : "65536")
                       : "docker run --ulimit nofile=65536:65536");
}

// PyTorch's two pools of threads, intra-op and inter-op, have one thread a CPU each by default
// (its notes on CPU threading), and know of no quota.
Finding process_count(const Scene& scene) {
  const auto& pids = scene.limits.pids;
  if (pids.max.state == Bytes::unlimited) {
    return pass("the number of threads is not limited by a group");
  }
  if (pids.max.state == Bytes::unknown) {
    return unknown("the limit of threads is not known", pids.max.reason);
  }
  const auto cpus = cpus_of(scene);
  const std::uint64_t used = pids.current.value_or(0), most = pids.max.value;
  const std::uint64_t left = most - std::min(most, used);
  const std::uint64_t each = 2ULL * (cpus ? cpus->usable : 1), all = each * local_processes(scene);
  const std::string evidence =
      fmt::format("{}/pids.max: {}, used: {}", pids.max.directory, most, used);
  return left < all ? warn(fmt::format("{} more threads may be started; {} processes on {} CPUs "
                                       "want at least {}",
                                       left, local_processes(scene), each / 2, all),
                           evidence, "raise it: docker run --pids-limit, kubelet's podPidsLimit")
                    : pass(fmt::format("{} more threads may be started", left), evidence);
}

Finding cpu_throttled(const Scene& scene) {
  const auto& cpu = scene.limits.cpu;
  if (cpu.quota.state != Quota::set) {
    return cpu.quota.state == Quota::unlimited
               ? pass("there is no CPU quota")
               : unknown("the CPU quota is not known", cpu.quota.reason);
  }
  const std::string remedy = "start fewer threads (OMP_NUM_THREADS), or raise the CPU limit";
  if (scene.throttled_share) {
    const std::string evidence = fmt::format("{}/cpu.stat: stopped in {:.0f} % of the last periods",
                                             cpu.quota.directory, *scene.throttled_share * 100);
    return *scene.throttled_share > 0 ? warn("the CPU quota stops us now", evidence, remedy)
                                      : pass("the CPU quota does not stop us now", evidence);
  }
  if (cpu.throttled_periods == 0) {
    return pass("the CPU quota has never stopped us", cpu.quota.directory + "/cpu.stat");
  }
  if (!cpu.throttled_periods || !cpu.periods) {
    return unknown("whether the CPU quota stops us cannot be told",
                   "no cpu.stat in " + cpu.quota.directory);
  }
  return unknown(fmt::format("the CPU quota has stopped us in {} of {} periods",
                             *cpu.throttled_periods, *cpu.periods),
                 cpu.quota.directory + "/cpu.stat, since the group was made", remedy);
}

Finding cpu_weight(const Scene& scene) {
  if (!scene.limits.cpu.weight) {
    return skip("there is no cpu.weight");
  }
  for (const cgroup::Setting& setting : cgroup::infer_settings(scene.limits)) {
    if (setting.name == "kubernetes requests.cpu" && setting.candidates.size() > 1) {
      std::string candidates;
      for (const cgroup::Candidate& one : setting.candidates) {
        candidates += (candidates.empty() ? "" : "; ") + one.value + " if " + one.rule;
      }
      return unknown(
          fmt::format("a weight of {} stands for several CPU requests", *scene.limits.cpu.weight),
          candidates, "ask the Pod's spec; the weight depends on the runtime's version");
    }
  }
  return pass("the weight is the default, or of one meaning",
              fmt::format("cpu.weight: {}", *scene.limits.cpu.weight));
}

Finding omp_threads(const Scene& scene) {
  const auto cpus = cpus_of(scene);
  if (!cpus) {
    return unknown("the number of CPUs is not known", "no cpuset, affinity or online CPUs");
  }
  const auto right = std::max<std::uint64_t>(1, cpus->floor / local_processes(scene));
  const std::string evidence =
      fmt::format("{:.3g} CPUs ({}), {} local processes", cpus->cpus.value(), cpus->evidence,
                  local_processes(scene));
  const std::string remedy = fmt::format("export OMP_NUM_THREADS={}", right);
  const auto text = variable(scene, "OMP_NUM_THREADS");
  if (!text) {
    return cpus->usable > right
               ? warn(fmt::format("OMP_NUM_THREADS is not set: {} threads a process on {:.3g} CPUs",
                                  cpus->usable, cpus->cpus.value()),
                      evidence, remedy)
               : pass("OMP_NUM_THREADS is not set, and all CPUs are ours", evidence);
  }
  const auto threads = parse_whole(text->substr(0, text->find(',')));  // one number a nesting level
  if (!threads || *threads == 0) {
    return failed("OMP_NUM_THREADS=" + printable(*text) + " is no number", evidence, remedy);
  }
  return static_cast<std::uint64_t>(*threads) >
                 std::max<std::uint64_t>(right, cpus->ceiling / local_processes(scene))
             ? warn(fmt::format("OMP_NUM_THREADS={} is more than our share of the CPUs", *threads),
                    evidence, remedy)
             : pass(fmt::format("OMP_NUM_THREADS={} fits the CPUs", *threads), evidence);
}

Finding memory_swap(const Scene& scene) {
  const auto& swap = scene.limits.memory.swap;
  const auto total = scene.facts.memory.swap_total;
  if (!total) {
    return unknown("the machine's swap is not known", "/proc/meminfo");
  }
  const std::string evidence = fmt::format("SwapTotal: {} bytes", *total);
  if (*total == 0 || (swap.state == Bytes::set && swap.value == 0)) {
    return pass("nothing is swapped out here",
                *total == 0 ? evidence : swap.directory + ": no swap for us");
  }
  if (swap.state == Bytes::unknown) {
    return unknown("whether we may be swapped out is not known", swap.reason);
  }
  return warn("our memory may be swapped out" +
                  (scene.limits.memory.swap_usage.value_or(0) > 0
                       ? ": " + describe_bytes(*scene.limits.memory.swap_usage) + " is now"
                       : std::string()),
              evidence, "docker run --memory-swap equal to --memory, or swapoff on the machine");
}

Finding memory_kills(const Scene& scene) {
  const auto kills = scene.limits.memory.oom_kills;
  if (!kills) {
    return unknown("the OOM killer's count cannot be seen", scene.limits.memory.group.why_hidden);
  }
  return *kills == 0 ? pass("the OOM killer has not been here", scene.limits.memory.group.directory)
                     : warn(fmt::format("the OOM killer has ended {} processes here", *kills),
                            scene.limits.memory.group.directory,
                            "raise the memory limit, or use fewer data loader workers");
}

}  // namespace toolkit::advice
