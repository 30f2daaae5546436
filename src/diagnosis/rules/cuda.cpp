// Does CUDA start?
#include "gpus.hpp"
#include "rules.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::diagnosis {
namespace {

constexpr const char* kMps =
    "start nvidia-cuda-mps-control on the node, or unset "
    "CUDA_MPS_PIPE_DIRECTORY to go without MPS";
constexpr std::array kCodes{
    Code{2, "memory", Owner::node, "CUDA got no memory for its start (2)",
         "free memory on the GPU or raise the container's memory limit"},
    Code{3, "not_initialized", Owner::node, "CUDA's driver library did not start (3)",
         "on the node, read `dmesg` for NVRM lines; reboot it"},
    Code{34, "stub", Owner::image,
         "libcuda.so.1 is the toolkit's stub, which is only there to link against (34)",
         "take folders named `stubs` out of LD_LIBRARY_PATH"},
    Code{46, "busy", Owner::node, "every GPU is busy or set to exclusive use (46)",
         "end the processes that hold it, or set the compute mode to default (`nvidia-smi -c 0`)"},
    Code{100, "no_device", Owner::runtime, "CUDA sees no GPU (100)",
         "look at CUDA_VISIBLE_DEVICES and at what the runtime was asked for"},
    Code{101, "invalid_device", Owner::user,
         "CUDA_VISIBLE_DEVICES names a GPU that is not here (101)",
         "set CUDA_VISIBLE_DEVICES to indices or UUIDs of this container"},
    Code{304, "operating_system", Owner::node, "a system call of CUDA's driver failed (304)",
         "look at the limits of memory and locked memory, and at a security profile of the "
         "container; on the node, at `dmesg`"},
    Code{803, "mismatch", Owner::node,
         "libcuda and the kernel driver are of different versions (803)",
         "reload the module or reboot the node, then recreate the container"},
    Code{804, "compat", Owner::image,
         "a forward-compatibility libcuda was loaded on a GPU that does not allow it (804)",
         "take /usr/local/cuda*/compat out of LD_LIBRARY_PATH and ld.so.conf, or update the node's "
         "driver"},
    Code{805, "mps", Owner::node, "the MPS server does not take the connection (805)", kMps},
    Code{806, "mps", Owner::node, "the MPS server failed (806)", kMps},
    Code{807, "mps", Owner::node, "the MPS server is not ready (807)", kMps},
    Code{808, "mps", Owner::node, "the MPS server has as many clients as it takes (808)", kMps},
    Code{809, "mps", Owner::node, "the MPS server has as many connections as it takes (809)", kMps},
    Code{810, "mps", Owner::node, "the MPS server ended this client (810)", kMps},
};

bool has_switch(const gpu::Facts& facts) {
  const auto is_switch = [](const gpu::PciDevice& device) {
    return device.vendor == 0x10de && device.class_code >> 8 == 0x0680;
  };
  const auto node = [](const gpu::DeviceNode& file) {
    return file.exists && file.path.starts_with("/dev/nvidia-nvswitch");
  };
  return std::ranges::any_of(facts.driver.pci, is_switch) ||
         std::ranges::any_of(facts.driver.nodes, node);
}

// 802: nearly always the fabric manager; never where there is no switch to manage.
Finding not_ready(const gpu::Facts& facts) {
  const auto linked = [](const gpu::NvmlGpu& gpu) {
    return number(gpu, gpu::value::kFabricState).value_or(0) != 0 ||
           number(gpu, gpu::value::kNvlinkToSwitch).value_or(0) > 0;
  };
  if (has_switch(facts) || std::ranges::any_of(facts.probes.nvml.gpus, linked)) {
    return as("fabric",
              fail(Owner::node, "the NVSwitch fabric is not ready for CUDA (802)",
                   "on the node, start nvidia-fabricmanager, of the driver's own version, and look "
                   "at its log",
                   {"cuInit: 802"}));
  }
  return as(
      "not_ready",
      fail(Owner::node,
           "the driver says that the system is not ready (802), and no NVSwitch is "
           "in sight",
           "on the node, look for a fabric manager that should run; else read `dmesg`: with HMM "
           "on some kernels `uvm_disable_hmm=1` helps",
           {"cuInit: 802"}));
}

Finding unexplained(const gpu::Facts& facts, int code) {
  for (const gpu::DeviceNode& node : facts.driver.nodes) {
    if (node.path == "/dev/nvidia-uvm" && (!node.exists || node.open_error.value_or(0) != 0)) {
      return as("uvm",
                fail(Owner::runtime,
                     fmt::format("CUDA cannot start without /dev/nvidia-uvm (code {})", code),
                     "pass /dev/nvidia-uvm into the container; on the node, `nvidia-modprobe "
                     "-u -c0` makes it",
                     {fmt::format("cuInit: {}", code)}));
    }
  }
  return as("internal",
            fail(Owner::node, fmt::format("CUDA's driver failed at its start (code {})", code),
                 "on the node, read `dmesg` for NVRM and Xid lines; reboot it",
                 {fmt::format("cuInit: {}", code)}));
}

std::vector<Finding> judge_init(const Question& question) {
  const gpu::CudaFacts& cuda = question.facts.probes.cuda;
  if (!nvml_matters(question)) {
    return {};
  }
  if (!cuda.load_error.empty()) {
    return {as("not_found",
               fail(Owner::runtime, "libcuda.so.1 cannot be loaded in this container",
                    "add `compute` to NVIDIA_DRIVER_CAPABILITIES, or start the container with "
                    "NVIDIA's runtime or CDI; a file that is there must be on the loader's path",
                    {fmt::format("dlopen: {}", cuda.load_error)}))};
  }
  if (!cuda.init_error) {
    return {unknown("CUDA was not asked, or did not answer")};
  }
  const int code = *cuda.init_error;
  if (code == 0) {
    return {pass(fmt::format("CUDA {}.{} started", cuda.driver_version.value_or(0) / 1000,
                             cuda.driver_version.value_or(0) % 1000 / 10),
                 {cuda.library})};
  }
  if (code == 802) {
    return {not_ready(question.facts)};
  }
  const auto known = std::ranges::find(kCodes, code, &Code::code);
  if (known == kCodes.end()) {
    return {unexplained(question.facts, code)};
  }
  return {as(known->variant, fail(known->owner, known->cause, known->remedy,
                                  {fmt::format("cuInit: {}", code), cuda.library}))};
}

constexpr std::array<std::string_view, 10> kNeeds{
    "env.visible", "env.cvd",   "drv.loaded", "drv.mismatch", "dev.major",
    "dev.cgroup",  "dev.nodes", "dev.uvm",    "probe.hung",   "fab.state"};

}  // namespace

std::span<const Rule> cuda_rules() {
  static constexpr std::array<Rule, 1> kRules{{
      {"cuda.init", "Does CUDA start?",
       "Loads libcuda.so.1 as programs do and calls cuInit; its code names the cause. Neither a "
       "context "
       "nor memory of a GPU is taken. 802 is put down to the fabric manager only where there is an "
       "NVSwitch.",
       "cuda.h: CUresult; pytorch/pytorch#35710; wilicc/gpu-burn#92, #133; "
       "NVIDIA/nvidia-docker#1515",
       kNeeds, judge_init},
  }};
  return kRules;
}

}  // namespace toolkit::diagnosis
