// Does NVML start, and does it give every GPU?
#include "gpus.hpp"
#include "rules.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace toolkit::diagnosis {
namespace {

constexpr std::array kInitCodes{
    Code{4, "permission", Owner::runtime, "NVML may not open the driver's devices (4)",
         "run as a user who may open /dev/nvidia*, or have the runtime set their mode"},
    Code{8, "power_cable", Owner::hardware, "a GPU's power cables are not attached (8)",
         "check the GPU's external power"},
    Code{9, "not_loaded", Owner::node, "NVML finds no kernel driver (9)",
         "on the node, load the module `nvidia`; in a container, pass the devices of a node that "
         "has it"},
    Code{11, "interrupts", Owner::node, "the kernel driver does not get a GPU's interrupts (11)",
         "on the node, read `dmesg`; check MSI and IOMMU settings; reboot"},
    Code{12, "library", Owner::runtime, "NVML lacks another library of the driver (12)",
         "have the runtime mount the driver's libraries as a whole, of one version"},
    Code{13, "symbol", Owner::node, "NVML lacks a function of its own (13)",
         "reinstall the driver's packages on the node, of one version"},
    Code{14, "inforom", Owner::hardware, "a GPU's infoROM is corrupted (14)",
         "have the GPU examined; its maker can reflash the infoROM"},
    Code{15, "lost", Owner::hardware, "a GPU has fallen off the bus (15)",
         "do not reuse this node: power-cycle it, and replace the GPU if it happens again"},
    Code{16, "reset_required", Owner::node, "a GPU must be reset before it can be used (16)",
         "on the node, stop its users and run `nvidia-smi --gpu-reset`, or reboot"},
    Code{17, "blocked", Owner::runtime, "the operating system blocks the GPU's devices (17)",
         "recreate the container: its device cgroup does not have the GPUs any more"},
    Code{18, "mismatch", Owner::node, "NVML and the kernel driver are of different versions (18)",
         "reload the module or reboot the node, then recreate the container"},
    Code{20, "memory", Owner::node, "NVML got no memory (20)",
         "raise the container's memory limit or free memory on the node"},
    Code{27, "not_ready", Owner::node, "the driver is not ready yet (27)",
         "wait for the node's GPU services to start (nvidia-persistenced, fabric manager), try "
         "again"},
    Code{28, "no_gpu", Owner::runtime, "NVML finds no GPU (28)",
         "start the container with GPUs; on the node, look whether `nvidia-smi` shows them"},
};

std::vector<std::string> node_errors(const gpu::Facts& facts) {
  std::vector<std::string> errors;
  for (const gpu::DeviceNode& node : facts.driver.nodes) {
    if (node.open_error.value_or(0) != 0) {
      errors.push_back(fmt::format("open {}: {}", node.path, std::strerror(*node.open_error)));
    }
  }
  return errors;
}

// NVML's "Unknown Error": the devices know more.
Finding unexplained(const gpu::Facts& facts, int code) {
  std::vector<std::string> errors = node_errors(facts);
  const std::string seen = fmt::format("nvmlInit_v2: {}", code);
  const bool refused = std::ranges::any_of(facts.driver.nodes, [](const gpu::DeviceNode& node) {
    return node.open_error == EPERM || node.open_error == EACCES;
  });
  if (refused) {
    errors.push_back(seen);
    return as("refused",
              fail(Owner::runtime,
                   fmt::format("NVML cannot start since a device is refused: {}", errors.front()),
                   "recreate the container; if it comes back after `systemctl "
                   "daemon-reload` on the node, use CDI or the cgroupfs driver",
                   errors));
  }
  if (!errors.empty()) {
    errors.push_back(seen);
    return as("device",
              fail(Owner::node, fmt::format("NVML cannot start: {}", errors.front()),
                   "on the node, read `dmesg` for NVRM lines; reset the GPU or reboot", errors));
  }
  const bool opened = std::ranges::any_of(
      facts.driver.nodes, [](const gpu::DeviceNode& node) { return node.open_error == 0; });
  return as("internal",
            fail(Owner::node,
                 fmt::format("the driver failed inside of NVML's start (code {}){}", code,
                             opened ? ", though its devices can be opened" : ""),
                 "on the node, read `dmesg` for NVRM and Xid lines; reboot it", {seen}));
}

Finding not_loaded(const gpu::Facts& facts) {
  const gpu::NvmlFacts& nvml = facts.probes.nvml;
  const auto lies_there = [](const gpu::DriverLibrary& library) {
    return library.name.starts_with("libnvidia-ml") && !library.stub;
  };
  const bool found = std::ranges::any_of(facts.driver.libraries, lies_there);
  return as(
      found ? "not_loadable" : "not_found",
      fail(found ? Owner::image : Owner::runtime,
           found ? "libnvidia-ml.so.1 is here, but the loader does not take it"
                 : "libnvidia-ml.so.1 is not in this container",
           found ? "set LD_LIBRARY_PATH to the folder it lies in, or run ldconfig in the image"
                 : "add `utility` to NVIDIA_DRIVER_CAPABILITIES, or start the container with "
                   "NVIDIA's runtime or CDI",
           {fmt::format("dlopen: {}", nvml.load_error)}));
}

std::vector<Finding> judge_init(const Question& question) {
  const gpu::NvmlFacts& nvml = question.facts.probes.nvml;
  if (!nvml_matters(question)) {
    return {};
  }
  if (!nvml.load_error.empty()) {
    return {not_loaded(question.facts)};
  }
  if (!nvml.init_error) {
    return {unknown("NVML was not asked, or did not answer")};
  }
  if (*nvml.init_error == 0) {
    return {pass(fmt::format("NVML {} started", nvml.driver_version), {nvml.library})};
  }
  const auto known = std::ranges::find(kInitCodes, *nvml.init_error, &Code::code);
  if (known == kInitCodes.end()) {
    return {unexplained(question.facts, *nvml.init_error)};
  }
  std::vector<std::string> evidence = node_errors(question.facts);
  evidence.insert(evidence.begin(), fmt::format("nvmlInit_v2: {}", *nvml.init_error));
  return {as(known->variant, fail(known->owner, known->cause, known->remedy, evidence))};
}

// Which one NVML gives no handle for: it does not say, but the kernel's list in the order of the
// bus does.
std::string address_of(const gpu::Facts& facts, const gpu::NvmlGpu& lost) {
  std::vector<std::string> rest;
  for (const gpu::ProcGpu& gpu : facts.driver.proc_gpus) {
    if (std::ranges::find(facts.probes.nvml.gpus, gpu.address, &gpu::NvmlGpu::address) ==
        facts.probes.nvml.gpus.end()) {
      rest.push_back(gpu.address);
    }
  }
  std::ranges::sort(rest);
  std::vector<std::optional<int>> without;
  for (const gpu::NvmlGpu& gpu : facts.probes.nvml.gpus) {
    if (gpu.handle_error.value_or(0) != 0) {
      without.push_back(gpu.index);
    }
  }
  const auto place =
      static_cast<std::size_t>(std::ranges::find(without, lost.index) - without.begin());
  return rest.size() == without.size() && place < rest.size() ? rest[place] : scope_of(lost);
}

std::vector<Finding> judge_handles(const Question& question) {
  const gpu::Facts& facts = question.facts;
  if (!nvml_matters(question) || facts.probes.nvml.init_error != 0) {
    return {};
  }
  std::vector<Finding> findings;
  for (const gpu::NvmlGpu& gpu : facts.probes.nvml.gpus) {
    const int code = gpu.handle_error.value_or(0);
    if (code == 0) {
      continue;
    }
    const auto known = std::ranges::find(kInitCodes, code, &Code::code);
    const bool listed = known != kInitCodes.end();
    const std::string scope = address_of(facts, gpu);
    findings.push_back(as(
        listed ? known->variant : "internal",
        fail(
            listed ? known->owner : Owner::node,
            fmt::format(
                "GPU {} cannot be used: {}", gpu.index.value_or(-1),
                listed ? known->cause : fmt::format("the driver gives no handle (code {})", code)),
            listed ? known->remedy
                   : "on the node, read `dmesg` for NVRM and Xid lines; reset "
                     "the GPU or reboot",
            {fmt::format("nvmlDeviceGetHandleByIndex_v2({}): {}", gpu.index.value_or(-1), code)})));
    findings.back().scope = scope;
  }
  if (findings.empty() && facts.probes.nvml.count.value_or(0) > 0) {
    findings.push_back(pass(fmt::format("NVML gives all {} GPUs", *facts.probes.nvml.count)));
  }
  return findings;
}

constexpr std::array<std::string_view, 9> kInitNeeds{"env.visible", "drv.loaded", "drv.mismatch",
                                                     "dev.major",   "dev.cgroup", "dev.nodes",
                                                     "drv.flavour", "dev.uvm",    "probe.hung"};
constexpr std::array<std::string_view, 3> kHandleNeeds{"nvml.init", "probe.hung", "dev.nodes"};

}  // namespace

std::span<const Rule> nvml_rules() {
  static constexpr std::array<Rule, 2> kRules{{
      {"nvml.init", "Does NVML start?",
       "Loads libnvidia-ml.so.1 as programs do and calls nvmlInit_v2; its code names the cause. "
       "999 "
       "says nothing by itself, so it is read together with what the device files answered.",
       "nvml.h: nvmlReturn_t; NVIDIA/nvidia-container-toolkit#48", kInitNeeds, judge_init},
      {"nvml.handles", "Does NVML give every GPU?",
       "nvmlDeviceGetHandleByIndex_v2 for each index; one that fails does not stop the others. "
       "NVML "
       "does not say where a GPU without a handle sits; the kernel's list, less those it gave, "
       "does.",
       "nvml.h: nvmlDeviceGetHandleByIndex_v2", kHandleNeeds, judge_handles},
  }};
  return kRules;
}

}  // namespace toolkit::diagnosis
