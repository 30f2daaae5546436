#include "nvidia.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace toolkit::diagnosis {
namespace {

using gpu::DeviceNode;
using gpu::DriverFacts;

const gpu::ProcGpu* proc_gpu(const DriverFacts& driver, const DeviceNode& node) {
  const auto minor = parse_whole(std::string_view(node.path).substr(11));  // "/dev/nvidia"
  const auto it = std::ranges::find_if(driver.proc_gpus, [&](const gpu::ProcGpu& gpu) {
    return minor && gpu.minor && *gpu.minor == *minor;
  });
  return it == driver.proc_gpus.end() ? nullptr : &*it;
}

bool is_asked_for(const Question& question) {
  const auto& variables = question.facts.place.variables;
  const auto it = variables.find("NVIDIA_VISIBLE_DEVICES");
  const std::string value = it == variables.end() ? "" : it->second;
  return (!value.empty() && value != "void" && value != "none") ||
         (question.expect.gpus.value_or(0) > 0 && question.facts.amd.gpus.empty());
}

}  // namespace

bool concerns_nvidia(const Question& question) {
  const DriverFacts& driver = question.facts.driver;
  const std::string& runtime = question.facts.place.runtime;
  return runtime != "wsl2" && runtime != "jetson" &&
         (!driver.pci.empty() || !driver.proc_gpus.empty() || driver.module_loaded == true ||
          std::ranges::any_of(driver.nodes, &DeviceNode::exists) || is_asked_for(question));
}

bool is_gpu_node(const DeviceNode& node) {
  return node.path.starts_with("/dev/nvidia") &&
         parse_whole(std::string_view(node.path).substr(11)).has_value();
}

std::string scope_of(const DriverFacts& driver, const DeviceNode& node) {
  const gpu::ProcGpu* gpu = is_gpu_node(node) ? proc_gpu(driver, node) : nullptr;
  return gpu == nullptr ? node.path : gpu->address;
}

bool is_excluded(const DriverFacts& driver, const DeviceNode& node) {
  const gpu::ProcGpu* gpu = is_gpu_node(node) ? proc_gpu(driver, node) : nullptr;
  return gpu != nullptr && gpu->excluded == "Yes";
}

const DeviceNode* node_at(const DriverFacts& driver, std::string_view path) {
  const auto it = std::ranges::find(driver.nodes, path, &DeviceNode::path);
  return it == driver.nodes.end() ? nullptr : &*it;
}

bool in_container(const gpu::Facts& facts) { return facts.place.runtime != "none"; }

std::string opened(const DeviceNode& node) {
  if (!node.exists) {
    return node.path + " is not there";
  }
  if (!node.open_error) {
    return node.path + " was not opened";
  }
  if (*node.open_error == 0) {
    return fmt::format("open {}: fine", node.path);
  }
  const char* name = ::strerrorname_np(*node.open_error);
  return fmt::format("open {}: {} ({})", node.path, name != nullptr ? name : "errno",
                     std::strerror(*node.open_error));
}

Finding with_variant(Finding finding, const char* variant) {
  finding.variant = variant;
  return finding;
}

Finding with_scope(Finding finding, std::string scope) {
  finding.scope = std::move(scope);
  return finding;
}

}  // namespace toolkit::diagnosis
