// Is each GPU well? The table; the judges are in health_*.cpp.
#include "health.hpp"

#include "rules.hpp"

#include <array>

namespace toolkit::diagnosis {
namespace {

constexpr std::array<std::string_view, 3> kNeeds{"nvml.init", "nvml.handles", "probe.hung"};

}  // namespace

std::span<const Rule> health_rules() {
  static constexpr std::array<Rule, 14> kRules{{
      {"hw.recovery", "Does the driver ask for a reset or a reboot?",
       "NVML field 230, the action that the driver itself asks for; drivers from R570 on have it.",
       "nvml.h: nvmlDeviceGpuRecoveryAction_t", kNeeds, judge_recovery},
      {"hw.ecc", "Has memory failed?",
       "Uncorrectable errors since the driver was loaded fail, those of the GPU's life warn; so "
       "does a "
       "mode that waits for a reset, and ECC that is off on a GPU for data centers. Errors of "
       "on-chip "
       "memory fail where the driver says that they are too many (R550 on).",
       "nvml.h: nvmlDeviceGetTotalEccErrors, nvmlDeviceGetSramEccErrorStatus", kNeeds, judge_ecc},
      {"hw.pages", "Are memory pages retired, or waiting for it?",
       "GPUs before Ampere retire pages that failed. 63 are all there are; more than 15 are many.",
       "nvml.h: nvmlDeviceGetRetiredPages; NVIDIA/DCGM: its limits", kNeeds, judge_pages},
      {"hw.remap", "Are memory rows remapped, or waiting for it?",
       "GPUs from Ampere on replace rows that failed. A row that waits needs a reset before "
       "training; a "
       "failure means that no spare was left.",
       "nvml.h: nvmlDeviceGetRemappedRows, nvmlDeviceGetRowRemapperHistogram", kNeeds, judge_remap},
      {"hw.xid",
       "Has the kernel log an Xid of a GPU?",
       "Lines `NVRM: Xid (PCI:…): N` where /dev/kmsg may be read, by a table of what each code "
       "asks "
       "for. The worst of each GPU is shown; errors of programs are no fault of the GPU.",
       "NVIDIA: Xid catalogue; NVIDIA/k8s-device-plugin, NVIDIA/DCGM, Azure/azurehpc-health-checks",
       {},
       judge_xid},
      {"hw.throttle", "Does something slow a GPU down?",
       "The reasons of NVML, read twice; only what is set both times counts. Hardware's slowdowns "
       "fail, "
       "heat that the driver handles and clocks that a setting holds down warn.",
       "nvml.h: nvmlClocksEventReasons", kNeeds, judge_throttle},
      {"hw.temp", "Is a GPU too hot?",
       "Against the GPU's own thresholds: at the slowdown it fails, within 15 degrees of the most "
       "it may "
       "have it warns, since training has not begun.",
       "nvml.h: nvmlDeviceGetTemperatureThreshold", kNeeds, judge_temperature},
      {"hw.power", "Is a GPU's power capped?",
       "The enforced limit below 90 % of the default warns.",
       "nvml.h: nvmlDeviceGetEnforcedPowerLimit", kNeeds, judge_power},
      {"hw.clocks", "Are clocks lower than those of the other GPUs?",
       "Highest and application clocks, compared among GPUs of one name: the slowest rank is the "
       "speed of "
       "all.",
       "nvml.h: nvmlDeviceGetMaxClockInfo", kNeeds, judge_clocks},
      {"hw.pcie", "Are all PCIe lanes in use?",
       "Fewer lanes than GPU and slot can have fail. The generation goes down on idle GPUs and is "
       "not "
       "judged; a slot that can do less than the GPU warns.",
       "nvml.h: nvmlDeviceGetCurrPcieLinkWidth", kNeeds, judge_pcie},
      {"hw.mode", "May every process compute?",
       "A compute mode that forbids computing fails, as does exclusive use while somebody holds "
       "the GPU. "
       "Persistence that is off warns.",
       "nvml.h: nvmlComputeMode_t", kNeeds, judge_mode},
      {"hw.mig", "Is MIG set up so that it can be used?",
       "MIG that is on without an instance in this container fails; a change that waits for a "
       "reset and "
       "several instances warn.",
       "nvml.h: nvmlDeviceGetMigMode", kNeeds, judge_mig},
      {"hw.procs", "Does somebody else use a GPU?",
       "Processes and used memory (what the driver holds for itself is not counted where it "
       "tells). Ids are "
       "those of the node; more than 1 GiB or 3 % without a process is somebody of another "
       "container.",
       "nvml.h: nvmlDeviceGetComputeRunningProcesses; XuehaiPan/nvitop#79; wookayin/gpustat#141",
       kNeeds, judge_processes},
      {"hw.uniform", "Are the GPUs alike?",
       "Name, VBIOS, memory, ECC, power limit, clocks and PCIe of each against what most of them "
       "have.",
       "nvml.h; what slows one rank slows all", kNeeds, judge_uniform},
  }};
  return kRules;
}

}  // namespace toolkit::diagnosis
