#include "rules.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace toolkit::diagnosis {
namespace {

using gpu::DeviceNode;
using gpu::DriverFacts;
using gpu::Facts;
using gpu::PlaceFacts;

// --- env.runtime

std::string injection_words(const PlaceFacts& place) {
  return place.injection == "legacy"   ? "the driver came in by libnvidia-container"
         : place.injection == "cdi"    ? "the driver came in by CDI"
         : place.injection == "mounts" ? "the driver's files are mounted by other means"
         : place.injection == "none"   ? "no driver was mounted into it"
                                       : "how the driver came in cannot be seen";
}

std::vector<Finding> judge_runtime(const Question& question) {
  const PlaceFacts& place = question.facts.place;
  if (place.runtime.empty()) {
    return {unknown("which runtime has made this place cannot be told: /proc cannot be read")};
  }
  std::vector<std::string> evidence;
  for (const std::string& text : {place.runtime_evidence, place.injection_evidence}) {
    if (!text.empty()) {
      evidence.push_back(text);
    }
  }
  if (place.runtime == "none") {
    return {pass("no container: this is the machine itself", std::move(evidence))};
  }
  return {pass(fmt::format("{}{}: {}", place.runtime, place.kubernetes ? " under Kubernetes" : "",
                           injection_words(place)),
               std::move(evidence))};
}

// --- env.visible

const std::string* variable(const PlaceFacts& place, const char* name) {
  const auto it = place.variables.find(name);
  return it == place.variables.end() ? nullptr : &it->second;
}

std::string quoted_variable(const PlaceFacts& place, const char* name) {
  const std::string* value = variable(place, name);
  return value == nullptr ? fmt::format("{} is not set", name) : fmt::format("{}={}", name, *value);
}

bool is_gpu_node(const DeviceNode& node) {
  constexpr std::string_view kBegin = "/dev/nvidia";
  return node.exists && node.path.starts_with(kBegin) && node.path.size() > kBegin.size() &&
         std::all_of(node.path.begin() + kBegin.size(), node.path.end(),
                     [](unsigned char letter) { return std::isdigit(letter) != 0; });
}

bool machine_has_nvidia(const DriverFacts& driver) {
  return !driver.pci.empty() || !driver.proc_gpus.empty() || driver.module_loaded == true;
}

Finding variant(Finding finding, const char* name) {
  finding.variant = name;
  return finding;
}

std::string how_to_ask(const PlaceFacts& place) {
  if (place.kubernetes) {
    return "give the container `resources.limits: {nvidia.com/gpu: N}`, on a node where the NVIDIA "
           "device plugin runs";
  }
  if (place.runtime == "podman") {
    return "start it with `podman run --device nvidia.com/gpu=all`";
  }
  if (place.runtime == "apptainer") {
    return "start it with `apptainer exec --nv`";
  }
  return "start it with `docker run --gpus all`, or with CDI `--device nvidia.com/gpu=all`";
}

Finding nothing_came_in(const Facts& facts) {
  const PlaceFacts& place = facts.place;
  const std::string* asked = variable(place, "NVIDIA_VISIBLE_DEVICES");
  std::vector<std::string> seen{"no /dev/nvidiaN",
                                quoted_variable(place, "NVIDIA_VISIBLE_DEVICES")};
  if (!machine_has_nvidia(facts.driver)) {
    seen.emplace_back("no NVIDIA GPU on the PCI bus, as far as /sys shows");
  }
  if (asked != nullptr && *asked == "none") {
    return variant(fail(Owner::user, "NVIDIA_VISIBLE_DEVICES=none keeps every GPU out",
                        "name the GPUs in NVIDIA_VISIBLE_DEVICES, or `all`", std::move(seen)),
                   "none");
  }
  if ((asked != nullptr && !asked->empty() && *asked != "void") || !place.volume_devices.empty()) {
    return variant(fail(Owner::runtime,
                        "GPUs are asked for by variable, but the runtime has not put any in: the "
                        "variable alone (CUDA images set it) does nothing without NVIDIA's runtime",
                        how_to_ask(place), std::move(seen)),
                   "not_injected");
  }
  return variant(fail(Owner::runtime, "no GPU was requested for this container", how_to_ask(place),
                      std::move(seen)),
                 "not_requested");
}

bool has_library(const DriverFacts& driver, std::string_view name) {
  return std::ranges::any_of(driver.libraries, [&](const gpu::DriverLibrary& library) {
    return library.name == name && !library.stub;
  });
}

// libnvidia-container brings the libraries of the capabilities that are named, and of
// utility,compute where none is; CDI brings all.
std::optional<Finding> missing_capability(const Facts& facts) {
  const std::string* words = variable(facts.place, "NVIDIA_DRIVER_CAPABILITIES");
  if (facts.place.injection == "cdi" || words == nullptr || words->empty()) {
    return std::nullopt;
  }
  const auto named = split(*words, ',');
  const auto lacks = [&](std::string_view word, std::string_view library) {
    return std::ranges::find(named, "all") == named.end() &&
           std::ranges::find(named, word) == named.end() && !has_library(facts.driver, library);
  };
  const std::string seen = quoted_variable(facts.place, "NVIDIA_DRIVER_CAPABILITIES");
  if (lacks("compute", "libcuda")) {
    return variant(
        fail(Owner::runtime, "NVIDIA_DRIVER_CAPABILITIES lacks `compute`, so libcuda was left out",
             "set NVIDIA_DRIVER_CAPABILITIES=compute,utility and recreate the container",
             {seen, "no libcuda.so"}),
        "no_compute");
  }
  if (lacks("utility", "libnvidia-ml")) {
    return variant(
        warn(Owner::runtime,
             "NVIDIA_DRIVER_CAPABILITIES lacks `utility`, so NVML and nvidia-smi were left out",
             "set NVIDIA_DRIVER_CAPABILITIES=compute,utility and recreate the container",
             {seen, "no libnvidia-ml.so"}),
        "no_utility");
  }
  return std::nullopt;
}

std::vector<Finding> judge_visible(const Question& question) {
  const Facts& facts = question.facts;
  const auto nodes = std::ranges::count_if(facts.driver.nodes, is_gpu_node);
  if (nodes > 0) {
    if (auto missing = missing_capability(facts)) {
      return {std::move(*missing)};
    }
    return {pass(fmt::format("{} GPU device {} in this container", nodes,
                             nodes == 1 ? "file is" : "files are"),
                 {quoted_variable(facts.place, "NVIDIA_VISIBLE_DEVICES")})};
  }
  if (question.expect.gpus == 0) {
    return {skip("no GPU is wanted")};
  }
  if (!facts.amd.gpus.empty() || facts.amd.kfd_open_error) {
    return {skip("AMD's GPUs are here")};
  }
  if (facts.place.runtime == "wsl2" || facts.place.runtime == "jetson") {
    return {skip(fmt::format("{} has no /dev/nvidiaN", facts.place.runtime))};
  }
  if (facts.place.runtime != "none" && !facts.place.runtime.empty()) {
    return {nothing_came_in(facts)};
  }
  if (machine_has_nvidia(facts.driver)) {
    return {skip("no container; the driver is judged by itself")};
  }
  return {
      variant(fail(Owner::user, "this machine has no GPU", "start the job on a machine with GPUs",
                   {"no /dev/nvidiaN", "no NVIDIA GPU on the PCI bus", "no /dev/kfd"}),
              "no_gpu")};
}

// --- env.badvars

struct BadVariable {
  const char* name;
  bool zero_is_fine;
  const char* what;
};

// The first ten are those of DCGM's checkForBadEnvVaribles.
constexpr BadVariable kBad[] = {
    {"NSIGHT_CUDA_DEBUGGER", true, "keeps a debugger resident"},
    {"CUDA_INJECTION32_PATH", true, "loads a profiler into every CUDA program"},
    {"CUDA_INJECTION64_PATH", true, "loads a profiler into every CUDA program"},
    {"CUDA_AUTO_BOOST", true, "changes how clocks are chosen"},
    {"CUDA_ENABLE_COREDUMP_ON_EXCEPTION", true, "dumps the GPU's memory after an error"},
    {"CUDA_COREDUMP_FILE", true, "dumps the GPU's memory after an error"},
    {"CUDA_DEVICE_WAITS_ON_EXCEPTION", true, "makes a program wait for a debugger after an error"},
    {"CUDA_PROFILE", true, "turns a profiler on"},
    {"COMPUTE_PROFILE", true, "turns a profiler on"},
    {"OPENCL_PROFILE", true, "turns a profiler on"},
    {"CUDA_LAUNCH_BLOCKING", true, "makes every kernel wait for the one before"},
    {"NCCL_P2P_DISABLE", true, "keeps NCCL from NVLink and PCIe between GPUs"},
    {"NCCL_IB_DISABLE", true, "keeps NCCL from RDMA: it falls back to TCP"},
    {"NCCL_SHM_DISABLE", true, "keeps NCCL from shared memory"},
    {"CUDA_MPS_PIPE_DIRECTORY", false, "sends every CUDA program to an MPS server there"},
};

std::vector<Finding> judge_variables(const Question& question) {
  std::vector<Finding> found;
  for (const BadVariable& bad : kBad) {
    const std::string* value = variable(question.facts.place, bad.name);
    if (value == nullptr || value->empty() || (bad.zero_is_fine && *value == "0")) {
      continue;
    }
    Finding finding = warn(Owner::user, fmt::format("{} {}", bad.name, bad.what),
                           fmt::format("unset {} unless it is meant", bad.name),
                           {fmt::format("{}={}", bad.name, *value)});
    std::ranges::transform(std::string_view(bad.name), std::back_inserter(finding.variant),
                           [](unsigned char letter) { return std::tolower(letter); });
    found.push_back(std::move(finding));
  }
  if (found.empty()) {
    found.push_back(pass("no variable is set that slows or changes the run"));
  }
  return found;
}

}  // namespace

std::span<const Rule> place_rules() {
  static const std::array rules{
      Rule{
          "env.runtime",
          "Which container runtime has made this place, and how did the driver come in?",
          "Read are the control groups, the mounts and the files that runtimes leave. A tmpfs over "
          "/proc/driver/nvidia is libnvidia-container's, and what lies there are copies from when "
          "the container started; a mount of its params alone is CDI's. It selects how others "
          "judge and what they advise, and does not fail.",
          "libnvidia-container src/nvc_mount.c mount_procfs; nvidia-container-toolkit "
          "cmd/nvidia-cdi-hook/disable-device-node-modification; systemd src/basic/virt.c",
          {},
          judge_runtime},
      Rule{"env.visible",
           "Was a GPU given to this container, and the libraries that training needs?",
           "Without a /dev/nvidiaN the variable NVIDIA_VISIBLE_DEVICES and the files of "
           "/var/run/nvidia-container-devices tell whether a GPU was asked for: unset or void is "
           "not asked, none is declined, anything else was asked for and not done, since the "
           "variable means nothing without NVIDIA's runtime. With GPUs, "
           "NVIDIA_DRIVER_CAPABILITIES without compute leaves libcuda out, and without utility "
           "NVML.",
           "NVIDIA container toolkit documentation, Specialized Configurations with Docker; "
           "k8s-device-plugin (device list as volume mounts)",
           {},
           judge_visible},
      Rule{"env.badvars",
           "Is a variable set that slows or changes the run?",
           "The ten variables that DCGM refuses (debuggers, profilers, core dumps of the GPU), and "
           "those that make CUDA synchronous, send it to an MPS server, or take transports from "
           "NCCL. Each that is set to anything but 0 is a warning of its own.",
           "DCGM nvvs plugin_src/software/Software.cpp checkForBadEnvVaribles; NCCL documentation, "
           "Environment Variables; CUDA C++ Programming Guide, CUDA Environment Variables",
           {},
           judge_variables}};
  return rules;
}

}  // namespace toolkit::diagnosis
