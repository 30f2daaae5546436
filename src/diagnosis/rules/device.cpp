// NVIDIA's kernel driver and its device files, judged without its libraries.
#include "nvidia.hpp"
#include "rules.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace toolkit::diagnosis {
namespace {

using gpu::DeviceNode;
using gpu::DriverFacts;
using gpu::PciDevice;

bool is_gpu(const PciDevice& device) {
  return device.vendor == 0x10de && device.class_code >> 16 == 0x03;
}

std::string described(const PciDevice& device) {
  return fmt::format("PCI {}: 10de:{:04x}, driver {}", device.address, device.device,
                     device.driver.empty() ? "none" : device.driver);
}

// --- drv.loaded

Finding not_loaded(const DriverFacts& driver) {
  std::vector<std::string> evidence{"no /sys/module/nvidia, no nvidia in /proc/modules"};
  const PciDevice* first = nullptr;
  for (const PciDevice& device : driver.pci) {
    if (is_gpu(device)) {
      first = first == nullptr ? &device : first;
      evidence.push_back(described(device));
    }
  }
  if (first == nullptr) {
    return with_variant(fail(Owner::runtime, "this machine has no NVIDIA GPU on its PCI bus",
                             "have the job scheduled to a node with GPUs", std::move(evidence)),
                        "no_gpu");
  }
  if (first->driver == "nouveau" || first->driver == "nova_core") {
    return with_variant(
        fail(Owner::node, fmt::format("the kernel's own driver {} holds the GPU", first->driver),
             fmt::format("on the node, blacklist {}, install NVIDIA's driver, and reboot",
                         first->driver),
             std::move(evidence)),
        "nouveau");
  }
  if (first->driver.starts_with("vfio")) {
    return with_variant(
        fail(Owner::node, "the GPU is set aside for virtual machines (vfio)",
             "on the node, bind the GPU to the driver nvidia again", std::move(evidence)),
        "vfio");
  }
  return with_variant(
      fail(
          Owner::node, "NVIDIA's kernel driver is not loaded",
          "on the node, `modprobe nvidia` and read `dmesg`; after a kernel update build the module "
          "anew (`dkms autoinstall`)",
          std::move(evidence)),
      "not_loaded");
}

// GPUs that the module, though loaded, does not hold. Some may be set aside for others on purpose.
std::vector<Finding> unbound(const DriverFacts& driver) {
  std::vector<Finding> findings;
  bool held = !driver.proc_gpus.empty();
  for (const PciDevice& device : driver.pci) {
    held = held || (is_gpu(device) && device.driver == "nvidia");
  }
  for (const PciDevice& device : driver.pci) {
    if (!is_gpu(device) || device.driver == "nvidia" || (held && !device.driver.empty())) {
      continue;
    }
    Finding finding = with_variant(
        warn(
            Owner::node, "NVIDIA's driver is loaded and does not hold this GPU",
            "on the node, read `dmesg | grep NVRM`: the driver may not know or not start this GPU; "
            "bind it again or reboot",
            {described(device)}),
        "unbound");
    finding.status = held ? Status::warn : Status::fail;
    findings.push_back(with_scope(std::move(finding), held ? device.address : ""));
    if (!held) {
      break;
    }
  }
  return findings;
}

std::vector<Finding> judge_loaded(const Question& question) {
  const DriverFacts& driver = question.facts.driver;
  if (!concerns_nvidia(question)) {
    const std::string& runtime = question.facts.place.runtime;
    return {skip(runtime == "wsl2" || runtime == "jetson"
                     ? fmt::format("the driver of {} has no such module", runtime)
                     : "there is no sign of an NVIDIA GPU, and none was asked for")};
  }
  if (!driver.ioctl_version.empty()) {
    return {pass("the kernel driver answers",
                 {"ioctl 0xC04846D2 on /dev/nvidiactl: " + driver.ioctl_version})};
  }
  if (!driver.module_loaded || question.facts.place.runtime == "gvisor") {
    return {
        unknown("whether the driver is loaded cannot be seen: /sys/module and /proc/modules of "
                "the machine would tell")};
  }
  if (!*driver.module_loaded) {
    return {not_loaded(driver)};
  }
  if (!driver.module_state.empty() && driver.module_state != "live") {
    return {with_variant(fail(Owner::node, "the driver is loaded, and not ready",
                              "wait until it is, or read `dmesg` on the node",
                              {"/sys/module/nvidia/initstate: " + driver.module_state}),
                         "not_live")};
  }
  std::vector<Finding> findings = unbound(driver);
  if (findings.empty() || findings[0].status != Status::fail) {
    findings.push_back(pass(fmt::format("the kernel driver {} is loaded", driver.sysfs_version),
                            {"/sys/module/nvidia/version: " + driver.sysfs_version}));
  }
  return findings;
}

// --- drv.flavour

// The numbers by which the open modules' README lists GPUs: the oldest is a Turing, 1e02; from 2900
// on there are Blackwells and later only.
constexpr std::uint32_t kFirstTuring = 0x1e00, kFirstBlackwell = 0x2900;

bool needs_open(std::uint32_t device) {
  return device >= kFirstBlackwell || device == 0x2342 || device == 0x2348;  // GH200
}

std::vector<Finding> judge_flavour(const Question& question) {
  const DriverFacts& driver = question.facts.driver;
  if (!concerns_nvidia(question) || driver.proc_version_line.empty()) {
    return {};
  }
  const bool open = driver.proc_version_line.find("Open Kernel Module") != std::string::npos;
  const std::string line = "/proc/driver/nvidia/version: " + driver.proc_version_line;
  std::vector<Finding> findings;
  for (const PciDevice& device : driver.pci) {
    if (!is_gpu(device)) {
      continue;
    }
    if (open && device.device < kFirstTuring) {
      findings.push_back(with_scope(
          with_variant(fail(Owner::node, "the open kernel modules cannot drive a GPU before Turing",
                            "on the node, install the proprietary kernel modules",
                            {described(device), line}),
                       "needs_proprietary"),
          device.address));
    } else if (!open && needs_open(device.device)) {
      findings.push_back(with_scope(
          with_variant(
              fail(Owner::node, "this GPU needs the open kernel modules (Grace Hopper, Blackwell)",
                   "on the node, install the driver's open kernel modules (nvidia-open)",
                   {described(device), line}),
              "needs_open"),
          device.address));
    }
  }
  if (findings.empty() && std::ranges::any_of(driver.pci, is_gpu)) {
    findings.push_back(pass(open ? "open kernel modules" : "proprietary kernel modules", {line}));
  }
  return findings;
}

// --- dev.major

// The names in /proc/devices that a node's major may stand under.
std::vector<std::string_view> names_of(std::string_view path) {
  if (path.starts_with("/dev/nvidia-uvm")) {
    return {"nvidia-uvm"};
  }
  if (path.starts_with("/dev/nvidia-caps-imex-channels/")) {
    return {"nvidia-caps-imex-channels"};
  }
  if (path.starts_with("/dev/nvidia-caps/")) {
    return {"nvidia-caps"};
  }
  if (path.starts_with("/dev/nvidia-nvswitch")) {
    return {"nvidia-nvswitch"};
  }
  return {"nvidia", "nvidia-frontend", "nvidiactl"};
}

std::optional<std::uint32_t> major_of(const DriverFacts& driver, std::string_view path) {
  for (const std::string_view name : names_of(path)) {
    for (const auto& [known, major] : driver.majors) {
      if (known == name) {
        return major;
      }
    }
  }
  return std::nullopt;
}

std::optional<std::uint32_t> minor_of(const DeviceNode& node) {
  if (node.path == "/dev/nvidiactl") {
    return 255;
  }
  return is_gpu_node(node) ? std::optional(static_cast<std::uint32_t>(
                                 *parse_whole(std::string_view(node.path).substr(11))))
                           : std::nullopt;
}

std::vector<Finding> judge_major(const Question& question) {
  const DriverFacts& driver = question.facts.driver;
  std::vector<std::string> wrong;
  std::size_t compared = 0;
  for (const DeviceNode& node : driver.nodes) {
    const auto major = major_of(driver, node.path);
    const auto minor = minor_of(node);
    if (!node.major || !major) {
      continue;
    }
    ++compared;
    if (*node.major != *major || (minor && node.minor != minor)) {
      wrong.push_back(fmt::format("{} is {}:{}, the driver has {}:{}", node.path, *node.major,
                                  node.minor.value_or(0), *major,
                                  minor ? *minor : node.minor.value_or(0)));
    }
  }
  if (!wrong.empty()) {
    const std::string cause = wrong.front();
    return {with_variant(
        fail(Owner::runtime, cause + ": the driver was loaded again after this container began",
             "recreate this container", std::move(wrong)),
        "stale")};
  }
  if (!concerns_nvidia(question) || compared == 0) {
    return {};
  }
  return {
      pass(fmt::format("{} device files have the driver's numbers", compared), {"/proc/devices"})};
}

// --- dev.foreign

std::vector<Finding> judge_foreign(const Question& question) {
  const DriverFacts& driver = question.facts.driver;
  std::vector<Finding> findings;
  for (const gpu::ProcGpu& gpu : driver.proc_gpus) {
    if (gpu.excluded == "Yes") {
      findings.push_back(with_scope(
          with_variant(warn(Owner::node, "the driver was told to leave this GPU alone",
                            "on the node, take it out of NVreg_ExcludedGpus, unless it is broken",
                            {fmt::format("/proc/driver/nvidia/gpus/{}/information: GPU Excluded: "
                                         "Yes",
                                         gpu.address)}),
                       "excluded"),
          gpu.address));
    }
  }
  const auto ours = std::ranges::count_if(
      driver.nodes, [](const DeviceNode& node) { return node.exists && is_gpu_node(node); });
  if (!driver.proc_gpus.empty() && ours > 0) {
    findings.push_back(pass(fmt::format("{} GPUs in this machine, {} of them given to us",
                                        driver.proc_gpus.size(), ours),
                            {"/proc/driver/nvidia/gpus", "/dev/nvidiaN"}));
  }
  return findings;
}

constexpr std::array<std::string_view, 1> kLoaded{"drv.loaded"};
constexpr std::array<std::string_view, 2> kVisible{"env.visible", "drv.loaded"};
constexpr std::array<std::string_view, 5> kNodes{"env.visible", "drv.loaded", "drv.flavour",
                                                 "dev.major", "dev.cgroup"};

}  // namespace

std::span<const Rule> device_rules() {
  static constexpr std::array<Rule, 7> kRules{{
      {"drv.loaded",
       "Is NVIDIA's kernel driver loaded?",
       "Reads /sys/module/nvidia, /proc/modules and the driver of each NVIDIA GPU on the PCI bus. "
       "A "
       "GPU without the module fails, and the driver that holds it instead (nouveau, vfio-pci) is "
       "named. That the image has no file of the module is no trouble: drivers are also loaded "
       "from containers.",
       "Linux: Documentation/ABI/testing/sysfs-module, sysfs-bus-pci",
       {},
       judge_loaded},
      {"drv.flavour", "Do the kernel modules, open or proprietary, fit the GPUs?",
       "/proc/driver/nvidia/version says \"Open Kernel Module\" or not. GPUs before Turing have no "
       "GSP and need the proprietary modules; Grace Hopper and Blackwell need the open ones. The "
       "generation is told by the PCI device number.",
       "NVIDIA/open-gpu-kernel-modules: README.md, table of compatible GPUs", kLoaded,
       judge_flavour},
      {"dev.major", "Do the device files have the driver's numbers?",
       "Compares each file below /dev with /proc/devices. The majors of nvidia-uvm and nvidia-caps "
       "are given out when the module is loaded; a container that began before keeps the old ones.",
       "NVIDIA/open-gpu-kernel-modules: nv-chardev-numbers.h, uvm.c, nv-caps.c", kVisible,
       judge_major},
      {"dev.cgroup", "Does the container's device cgroup let the GPUs through?",
       "An open that ends with EPERM was refused by the device cgroup: a file's mode would have "
       "given EACCES. A container loses its rules when systemd on the node reloads its units. GPUs "
       "that the driver excludes also give EPERM and are left out here.",
       "NVIDIA/nvidia-container-toolkit#48, #251; NVIDIA/open-gpu-kernel-modules: nv.c", kVisible,
       judge_cgroup},
      {"dev.nodes", "Can the device files be opened?",
       "Opens /dev/nvidiactl and each /dev/nvidiaN in a process that may hang without harm. The "
       "errno is the diagnosis: EACCES the file's mode or a security module, ENODEV and ENXIO no "
       "GPU behind it, EIO the driver could not start the GPU, EBUSY it is out of service.",
       "NVIDIA/open-gpu-kernel-modules: kernel-open/nvidia/nv.c, nvidia_open", kNodes, judge_nodes},
      {"dev.uvm", "Is /dev/nvidia-uvm there and does it open?",
       "NVML does without it, CUDA does not: nvidia-smi looks fine and cuInit gives 999. Whether "
       "the "
       "module is missing or only the file is told by /proc/devices.",
       "NVIDIA/nvidia-docker#1085, ggerganov/llama.cpp#7218", kNodes, judge_uvm},
      {"dev.foreign", "Which of the machine's GPUs are ours?",
       "/proc/driver/nvidia/gpus shows all of the machine's GPUs under CDI, and only those granted "
       "under libnvidia-container. Compared with the device files; GPUs that the driver excludes "
       "are named.",
       "NVIDIA/open-gpu-kernel-modules: nv-procfs.c", kVisible, judge_foreign},
  }};
  return kRules;
}

}  // namespace toolkit::diagnosis
