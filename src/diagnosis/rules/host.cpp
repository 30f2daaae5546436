// What the host leaves us: shared memory, limits, processors near the GPUs, ways between them.
#include "reach.hpp"
#include "rules.hpp"

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/gpu/inventory.hpp>
#include <toolkit/gpu/topology.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace toolkit::diagnosis {
namespace {

using gpu::HostFacts;

constexpr std::uint64_t kMebi = 1ULL << 20;
constexpr std::uint64_t kShmOfGpu = 64 * kMebi;

// --- sys.shm

constexpr const char* kMoreShm =
    "start it with `--shm-size=8g` or `--ipc=host`; in Kubernetes mount an emptyDir with `medium: "
    "Memory` at /dev/shm";

Finding full(const HostFacts& host) {
  const int error = *host.shm_allocation_error;
  std::vector<std::string> seen{"fallocate of 33 MB in /dev/shm: " + errno_words(error)};
  if (host.shm_free) {
    seen.push_back(fmt::format("statfs /dev/shm: {} free", describe_bytes(*host.shm_free)));
  }
  if (!host.stale_shm.empty()) {
    seen.push_back(fmt::format("{} files nccl-* that no process has open take {}",
                               host.stale_shm.size(),
                               describe_bytes(host.stale_shm_bytes.value_or(0))));
    return marked(fail(Owner::user, "/dev/shm is full of what killed jobs have left",
                       "remove /dev/shm/nccl-* while no other job runs here", std::move(seen)),
                  "stale");
  }
  if (error == EACCES || error == EROFS || error == ENOENT || error == EPERM) {
    return marked(fail(Owner::runtime, "nothing can be written to /dev/shm",
                       "mount a tmpfs with mode 1777 at /dev/shm", std::move(seen)),
                  "unwritable");
  }
  return marked(
      fail(Owner::runtime, "/dev/shm has no room for NCCL's buffers", kMoreShm, std::move(seen)),
      "full");
}

std::vector<Finding> judge_shm(const Question& question) {
  const HostFacts& host = question.facts.host;
  const std::size_t gpus = count_gpus(question.facts);
  if (gpus == 0) {
    return {};
  }
  if (!host.shm_total) {
    return {unknown("the size of /dev/shm cannot be read", {"statfs /dev/shm"})};
  }
  const std::string seen =
      fmt::format("statfs /dev/shm: {}, {} GPUs", describe_bytes(*host.shm_total), gpus);
  if (*host.shm_total < kShmOfGpu * gpus) {
    return {marked(
        fail(Owner::runtime,
             fmt::format("/dev/shm has {}, and {} GPUs want {} at least",
                         describe_bytes(*host.shm_total), gpus, describe_bytes(kShmOfGpu * gpus)),
             kMoreShm, {seen}),
        "small")};
  }
  if (host.shm_allocation_error.value_or(0) != 0 && host.shm_allocation_error != EOPNOTSUPP) {
    return {full(host)};
  }
  if (*host.shm_total <= kShmOfGpu) {
    return {marked(warn(Owner::runtime,
                        "/dev/shm has the 64 MiB of a container's default: data loaders with "
                        "workers die of it",
                        kMoreShm, {seen}),
                   "default")};
  }
  return {pass(fmt::format("/dev/shm has {}", describe_bytes(*host.shm_total)), {seen})};
}

// --- sys.limits

constexpr int kIpcLock = 14;  // capabilities(7)
constexpr std::uint64_t kDefaultMemlock = 64 * kMebi;

std::optional<std::uint64_t> limit_of(const HostFacts& host, const char* name) {
  const auto it = host.limits.find(name);
  const auto number = it == host.limits.end() ? std::nullopt : parse_whole(it->second);
  return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

// The kernel counts what verbs register, ib_umem_get(). Its own default and those of systemd and
// of engines are 64 KiB and 8 MiB; a limit beyond 64 MiB was chosen by somebody.
Finding judge_memlock(const Question& question) {
  const HostFacts& host = question.facts.host;
  const auto limit = limit_of(host, "memlock");
  const auto memory = host.memory_max ? host.memory_max : host.memory_total;
  if (!limit || has_capability(question.facts, kIpcLock) || (memory && *limit >= *memory)) {
    return pass("memory may be locked",
                {limit ? fmt::format("RLIMIT_MEMLOCK: {}", *limit) : "RLIMIT_MEMLOCK: unlimited"});
  }
  const std::string remedy =
      "start it with `--ulimit memlock=-1`; in Kubernetes set the limit in "
      "the runtime's unit (LimitMEMLOCK=infinity)";
  const std::string cause = fmt::format("{} may be locked, and RDMA locks NCCL's buffers",
                                        *limit == 0 ? "nothing" : "only " + describe_bytes(*limit));
  std::vector<std::string> seen{fmt::format("RLIMIT_MEMLOCK: {}", *limit),
                                "CapEff has no CAP_IPC_LOCK"};
  return *limit <= kDefaultMemlock
             ? marked(fail(Owner::runtime, cause, remedy, std::move(seen)), "memlock")
             : marked(warn(Owner::runtime, cause, remedy, std::move(seen)), "memlock");
}

std::optional<Finding> judge_nofile(const HostFacts& host) {
  constexpr std::uint64_t kOldSelect = 1024;  // the default of login(1), for select(2)'s sake
  const auto limit = limit_of(host, "nofile");
  if (!limit || *limit > kOldSelect) {
    return std::nullopt;
  }
  return marked(warn(Owner::runtime, fmt::format("only {} files may be open", *limit),
                     "`ulimit -n 65536`, or start it with `--ulimit nofile=65536:65536`",
                     {fmt::format("RLIMIT_NOFILE: {}", *limit)}),
                "nofile");
}

// PyTorch's two pools of threads, intra-op and inter-op, have one thread a CPU each by default (its
// notes on CPU threading), and there is a process a GPU.
std::optional<Finding> judge_pids(const HostFacts& host, std::size_t gpus) {
  const auto cpus = gpu::cpu_count(host.allowed_cpus);
  if (!host.pids_max || !cpus) {
    return std::nullopt;
  }
  const std::uint64_t used = host.pids_current.value_or(0);
  const std::uint64_t left = *host.pids_max - std::min(*host.pids_max, used);
  const std::uint64_t wanted = 2ULL * *cpus * gpus;
  if (left >= wanted) {
    return std::nullopt;
  }
  return marked(
      warn(Owner::runtime,
           fmt::format("{} more threads may be started; {} processes on {} CPUs want at least {}",
                       left, gpus, *cpus, wanted),
           "raise it: `--pids-limit`, kubelet's podPidsLimit",
           {fmt::format("pids.max: {}, used: {}", *host.pids_max, used)}),
      "pids");
}

std::optional<Finding> judge_memory(const gpu::Facts& facts) {
  std::uint64_t sum = 0;
  for (const gpu::NvmlGpu& gpu : facts.probes.nvml.gpus) {
    if (const auto it = gpu.values.find("memory.total"); it != gpu.values.end()) {
      sum += static_cast<std::uint64_t>(parse_whole(it->second).value_or(0));
    }
  }
  const auto& limit = facts.host.memory_max;
  if (!limit || sum == 0 || *limit >= sum) {
    return std::nullopt;
  }
  return marked(warn(Owner::runtime,
                     fmt::format("the container may use {}, its GPUs have {}: a checkpoint or "
                                 "offloading may be killed",
                                 describe_bytes(*limit), describe_bytes(sum)),
                     "raise the memory limit above the GPUs' memory",
                     {fmt::format("memory.max: {}", *limit),
                      fmt::format("NVML memory.total of all GPUs: {}", sum)}),
                "memory");
}

std::optional<Finding> judge_mempolicy(const gpu::Facts& facts) {
  const auto& error = facts.host.mempolicy_error;
  if (error != EPERM || facts.driver.pci.empty()) {
    return std::nullopt;
  }
  return marked(warn(Owner::runtime,
                     "get_mempolicy is refused, so NCCL's buffers cannot come from CUDA and go "
                     "through /dev/shm",
                     "start it with `--cap-add SYS_NICE`, or set NCCL_CUMEM_HOST_ENABLE=0",
                     {"get_mempolicy: " + errno_words(*error)}),
                "mempolicy");
}

std::vector<Finding> judge_limits(const Question& question) {
  const gpu::Facts& facts = question.facts;
  const std::size_t gpus = count_gpus(facts);
  if (gpus == 0) {
    return {};
  }
  std::vector<Finding> found;
  if (!gpu::adapters_here(facts.rdma).empty()) {
    found.push_back(judge_memlock(question));
  }
  for (auto finding : {judge_nofile(facts.host), judge_pids(facts.host, gpus), judge_memory(facts),
                       judge_mempolicy(facts)}) {
    if (finding) {
      found.push_back(std::move(*finding));
    }
  }
  if (found.empty()) {
    found.push_back(pass("files, threads and memory are enough", {"getrlimit, cgroup"}));
  }
  return found;
}

// --- hw.numa

std::vector<Finding> judge_numa(const Question& question) {
  const std::string& ours = question.facts.host.allowed_cpus;
  std::vector<Finding> found;
  for (const gpu::Gpu& gpu : gpu::take_inventory(question.facts).gpus) {
    if (gpu.pci == nullptr || count_gpus(question.facts) == 0) {
      continue;
    }
    const std::string& theirs = gpu.pci->local_cpus;
    const auto meet = gpu::cpu_lists_meet(ours, theirs);
    std::vector<std::string> seen{
        fmt::format("/sys/bus/pci/devices/{}/local_cpulist: {}", gpu.address, theirs),
        "sched_getaffinity: " + ours};
    found.push_back(marked(
        !meet ? unknown("which CPUs are near the GPU is not told", std::move(seen))
        : *meet
            ? pass("CPUs near the GPU are ours", std::move(seen))
            : warn(Owner::runtime, "no CPU near this GPU is ours: all its traffic crosses sockets",
                   "let the CPU set follow the GPUs: kubelet's topologyManagerPolicy, "
                   "`--cpuset-cpus`, Slurm's --gpu-bind=closest",
                   std::move(seen)),
        meet == false ? "far" : "", gpu.address));
  }
  return found;
}

// --- nvlink.acs

constexpr std::uint32_t kRedirects = 0x0c;  // request and completion redirect, PCI_ACS_RR | _CR

std::vector<Finding> judge_acs(const Question& question) {
  const gpu::Facts& facts = question.facts;
  const HostFacts& host = facts.host;
  if (count_gpus(facts) == 0 || !host.acs_hidden ||
      (count_gpus(facts) < 2 && gpu::adapters_here(facts.rdma).empty())) {
    return {};
  }
  std::vector<std::string> seen;
  bool translates = false;
  for (const auto& [address, control] : host.acs_control) {
    if ((control & kRedirects) != 0) {
      seen.push_back(fmt::format("{}: ACS control {:#06x}", address, control));
    }
  }
  const bool redirects = !seen.empty();
  for (const auto& [address, type] : host.iommu_types) {
    if (type.starts_with("DMA")) {
      translates = true;
      seen.push_back(fmt::format("/sys/bus/pci/devices/{}/iommu_group/type: {}", address, type));
    }
  }
  if (!host.kernel_options.empty()) {
    seen.push_back("/proc/cmdline: " + host.kernel_options);
  }
  if (redirects) {
    return {marked(warn(Owner::node,
                        "bridges send what GPUs and adapters say to each other up to the CPU "
                        "(ACS redirect): slow, and on some machines it hangs",
                        "on a machine that is not virtual switch ACS off (setpci ECAP_ACS+6.w=0000 "
                        "on the bridges, or in the BIOS); then run --deep",
                        std::move(seen)),
                   "redirect")};
  }
  if (translates) {
    return {marked(warn(Owner::node,
                        "the IOMMU translates the GPUs' addresses, which PCIe traffic between "
                        "devices may not survive",
                        "boot with iommu=pt, or the IOMMU off; then run --deep", std::move(seen)),
                   "iommu")};
  }
  if (*host.acs_hidden) {
    return {
        unknown("ACS of the bridges is not shown to us: CAP_SYS_ADMIN on the host would "
                "reveal it",
                {"/sys/bus/pci/devices/*/config: 64 bytes",
                 host.iommus.empty() ? "/sys/class/iommu: nothing" : "/sys/class/iommu: there"})};
  }
  return {pass("no bridge above the GPUs redirects", {"/sys/bus/pci/devices/*/config"})};
}

constexpr std::array<std::string_view, 1> kVisible{"env.visible"};

constexpr Rule kRules[] = {
    {"hw.numa", "Are CPUs near the GPUs ours?",
     "Each GPU's local_cpulist of sysfs against the CPUs that we may run on.",
     "linux Documentation/ABI/testing/sysfs-bus-pci; sched_getaffinity(2)", kVisible, judge_numa},
    {"nvlink.acs", "Can GPUs and adapters talk past the CPU?",
     "The ACS control register of the bridges above each GPU (where configuration space beyond 64 "
     "bytes may be read: root on the host), the type of the GPUs' IOMMU groups, the kernel's "
     "options. Redirection sends traffic between devices up to the root.",
     "linux pci_regs.h, Documentation/ABI/testing/sysfs-kernel-iommu_groups; NCCL#214, #257, #304, "
     "#606; NCCL's troubleshooting page",
     kVisible, judge_acs},
    {"sys.shm", "Is /dev/shm large enough?",
     "Its size against 64 MiB a GPU, and 33 MB taken and given back at once. NCCL's buffers "
     "between ranks and data loaders' batches live there; a container's default is 64 MiB. Files "
     "nccl-* that no process has open are leftovers of killed jobs.",
     "NCCL#290, #342, #525; vllm#1710", kVisible, judge_shm},
    {"sys.limits", "Are the limits of this process enough?",
     "Locked memory where RDMA is here (unlimited, as much as the memory, or CAP_IPC_LOCK; a "
     "default of 64 MiB or less fails), open files, threads, the memory limit against the GPUs' "
     "memory, and whether get_mempolicy is refused, without which NCCL takes no memory from CUDA.",
     "NCCL#563, nccl-tests#206; NCCL src/misc/cudawrap.cc; linux ib_umem_get()", kVisible,
     judge_limits},
};

}  // namespace

std::span<const Rule> host_rules() { return kRules; }

}  // namespace toolkit::diagnosis
