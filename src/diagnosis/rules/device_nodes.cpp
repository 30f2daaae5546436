// What the errno of an open says of a device file: dev.cgroup, dev.nodes, dev.uvm.
#include "nvidia.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::diagnosis {
namespace {

using gpu::DeviceNode;
using gpu::DriverFacts;

constexpr const char* kDaemonReload =
    "recreate this container: its device rules were rewritten, as `systemctl daemon-reload` on the "
    "node does; to keep that from coming back, on the node run `nvidia-ctk system "
    "create-dev-char-symlinks --create-all`, or use the cgroupfs driver, or CDI";

struct Opens {
  std::vector<const DeviceNode*> fine, refused, other;  // of what exists and was tried
  std::vector<std::string> evidence;
};

Opens opens_of(const DriverFacts& driver) {
  Opens opens;
  for (const DeviceNode& node : driver.nodes) {
    if ((!is_gpu_node(node) && node.path != "/dev/nvidiactl") || !node.exists || !node.open_error ||
        is_excluded(driver, node)) {
      continue;
    }
    auto& list = *node.open_error == 0       ? opens.fine
                 : *node.open_error == EPERM ? opens.refused
                                             : opens.other;
    list.push_back(&node);
    opens.evidence.push_back(opened(node));
  }
  return opens;
}

bool has_gpu(const std::vector<const DeviceNode*>& nodes) {
  return std::ranges::any_of(nodes, [](const DeviceNode* node) { return is_gpu_node(*node); });
}

// Version 1 shows its rules: "a *:* rwm", "c 195:* rw", "c 195:0 rw".
void add_rules(const DriverFacts& driver, std::vector<std::string>& evidence) {
  if (driver.cgroup_device_rules.empty()) {
    return;
  }
  const bool named = std::ranges::any_of(driver.cgroup_device_rules, [](const std::string& rule) {
    return rule.starts_with("a ") || rule.starts_with("c 195:");
  });
  evidence.push_back(named ? "devices.list of our cgroup names major 195"
                           : "devices.list of our cgroup has no line for major 195");
}

std::string names_of(const std::vector<const DeviceNode*>& nodes) {
  std::string names;
  for (const DeviceNode* node : nodes) {
    names += (names.empty() ? "" : ", ") + node->path;
  }
  return names;
}

std::string owner_of(const DeviceNode& node) {
  return fmt::format("{}: mode {:04o}, user {}, group {}", node.path, node.mode.value_or(0),
                     node.uid.value_or(0), node.gid.value_or(0));
}

bool everybody_may(const DeviceNode& node) { return (node.mode.value_or(0) & 6) == 6; }

Finding judge_denied(const DeviceNode& node, const gpu::Facts& facts) {
  std::vector<std::string> evidence{opened(node), owner_of(node)};
  if (facts.place.uid == 0 || everybody_may(node)) {
    return with_variant(
        fail(Owner::runtime,
             fmt::format("{} may be opened by its mode, and is refused all the same", node.path),
             "mount /dev without nodev, and allow the device in the container's AppArmor or "
             "SELinux profile",
             std::move(evidence)),
        "refused");
  }
  return with_variant(
      fail(
          Owner::runtime, fmt::format("user {} may not open {}", facts.place.uid, node.path),
          fmt::format("run as a member of group {} (`--group-add {}`, supplementalGroups), or load "
                      "the module with NVreg_DeviceFileMode=0666",
                      node.gid.value_or(0), node.gid.value_or(0)),
          std::move(evidence)),
      "mode");
}

Finding judge_error(const DeviceNode& node, const gpu::Facts& facts) {
  std::vector<std::string> evidence{opened(node)};
  const int error = *node.open_error;
  switch (is_gpu_node(node) || error != EIO ? error : 0) {  // EIO is of a GPU
    case EACCES:
      return judge_denied(node, facts);
    case EIO:
      return with_variant(
          fail(Owner::hardware,
               fmt::format("the driver cannot start the GPU behind {}: it is lost or broken",
                           node.path),
               "do not use this node; there, read `dmesg | grep NVRM` (Xid, RmInitAdapter), reset "
               "the GPU or power-cycle the node, and have the GPU replaced if it comes back",
               std::move(evidence)),
          "lost");
    case ENODEV:
    case ENXIO:
      return with_variant(
          fail(Owner::node,
               fmt::format("there is no GPU behind {} any more: unbound, lost or of another number",
                           node.path),
               "on the node, look at `nvidia-smi -L` and `dmesg | grep NVRM`; recreate the "
               "container once the GPU is back",
               std::move(evidence)),
          "no_device");
    case EBUSY:
      return with_variant(
          fail(
              Owner::node, fmt::format("the driver has {} out of service", node.path),
              "on the node, let the reset or drain that is under way end, and look at `nvidia-smi`",
              std::move(evidence)),
          "busy");
    case EISDIR:
      return with_variant(
          fail(
              Owner::runtime,
              fmt::format("{} is a directory: it was mounted from a path that the node lacked",
                          node.path),
              "load the driver on the node, remove the directory there, and recreate the container",
              std::move(evidence)),
          "directory");
    default:
      return with_variant(fail(Owner::node, fmt::format("{} cannot be opened", node.path),
                               "on the node, look at `dmesg | grep NVRM`", std::move(evidence)),
                          "error");
  }
}

Finding missing(const char* variant, const gpu::Facts& facts, std::string cause,
                std::vector<std::string> evidence) {
  return with_variant(
      in_container(facts)
          ? fail(Owner::runtime, std::move(cause),
                 "recreate the container with its GPUs: `docker run --gpus all`, CDI `--device "
                 "nvidia.com/gpu=all`, or `resources.limits` of nvidia.com/gpu",
                 std::move(evidence))
          : fail(Owner::node, std::move(cause), "run `nvidia-modprobe -c 0 -u` as root",
                 std::move(evidence)),
      variant);
}

}  // namespace

std::vector<Finding> judge_cgroup(const Question& question) {
  const DriverFacts& driver = question.facts.driver;
  const Opens opens = opens_of(driver);
  if (!concerns_nvidia(question) || (opens.evidence.empty() && !in_container(question.facts))) {
    return {};
  }
  if (opens.evidence.empty()) {
    const bool there = std::ranges::any_of(driver.nodes, &DeviceNode::exists);
    return {there ? unknown("no device file was opened, so the cgroup has not been asked")
                  : skip("there is no device file to open")};
  }
  std::vector<std::string> evidence = opens.evidence;
  add_rules(driver, evidence);
  if (!opens.refused.empty() && !has_gpu(opens.fine)) {
    return {with_variant(
        fail(Owner::runtime,
             "the container's device cgroup refuses the GPUs (EPERM, though the files' modes allow "
             "it): it has lost its device rules; NVML calls that error 999",
             kDaemonReload, std::move(evidence)),
        "lost")};
  }
  if (!opens.refused.empty()) {
    return {with_variant(
        warn(Owner::runtime,
             fmt::format("the container's device cgroup refuses {}", names_of(opens.refused)),
             "give the container those GPUs too, or leave their files out of it", evidence),
        "some")};
  }
  return {pass("the device cgroup lets through what is here", std::move(evidence))};
}

std::vector<Finding> judge_nodes(const Question& question) {
  const gpu::Facts& facts = question.facts;
  if (!concerns_nvidia(question)) {
    return {};
  }
  Opens opens = opens_of(facts.driver);
  std::vector<Finding> findings;
  std::vector<std::string> silent;
  bool any = false;
  for (const DeviceNode& node : facts.driver.nodes) {
    if (!node.exists || (!is_gpu_node(node) && node.path != "/dev/nvidiactl")) {
      continue;
    }
    any = any || is_gpu_node(node);
    if (!node.open_error) {
      silent.push_back(opened(node));
    }
  }
  const DeviceNode* control = node_at(facts.driver, "/dev/nvidiactl");
  if (!any) {
    return {missing("absent", facts, "there is no /dev/nvidiaN: no GPU came into this place",
                    {"no /dev/nvidiaN"})};
  }
  if (control != nullptr && !control->exists) {
    findings.push_back(missing("no_control", facts,
                               "GPUs are here without /dev/nvidiactl, which every program opens",
                               {opened(*control)}));
  }
  for (const DeviceNode* node : opens.other) {
    findings.push_back(with_scope(judge_error(*node, facts),
                                  is_gpu_node(*node) ? scope_of(facts.driver, *node) : ""));
  }
  std::erase_if(opens.fine, [&](const DeviceNode* node) {
    if (!node->major) {
      findings.push_back(with_variant(
          fail(Owner::runtime, node->path + " is a plain file, not a device",
               "remove the file, and recreate the container with its GPUs", {opened(*node)}),
          "plain_file"));
    }
    return !node->major;
  });
  if (!opens.fine.empty()) {
    findings.push_back(pass(fmt::format("{} device files open", opens.fine.size()),
                            {"open: " + names_of(opens.fine)}));
  }
  if (!silent.empty()) {
    findings.push_back(unknown("some device files were not opened, or did not answer", silent));
  }
  return findings;
}

std::vector<Finding> judge_uvm(const Question& question) {
  const gpu::Facts& facts = question.facts;
  const DriverFacts& driver = facts.driver;
  const DeviceNode* uvm = node_at(driver, "/dev/nvidia-uvm");
  const bool gpus = std::ranges::any_of(
      driver.nodes, [](const DeviceNode& node) { return node.exists && is_gpu_node(node); });
  if (!concerns_nvidia(question) || !gpus || uvm == nullptr) {
    return {};
  }
  const std::string cause =
      "without /dev/nvidia-uvm nvidia-smi looks fine and CUDA cannot start (cuInit gives 999)";
  const bool loaded =
      std::ranges::find(driver.majors, "nvidia-uvm",
                        &std::pair<std::string, std::uint32_t>::first) != driver.majors.end();
  std::vector<std::string> evidence{opened(*uvm)};
  evidence.push_back(loaded ? "/proc/devices has nvidia-uvm" : "/proc/devices has no nvidia-uvm");
  if (!loaded && (!uvm->exists || uvm->open_error.value_or(0) != 0)) {
    return {with_variant(fail(Owner::node, cause + ": its module is not loaded",
                              "on the node, run `nvidia-modprobe -u -c 0` (or `modprobe "
                              "nvidia-uvm`), then recreate this container",
                              std::move(evidence)),
                         "not_loaded")};
  }
  if (!uvm->exists) {
    return {with_variant(fail(Owner::runtime, cause + ": it was not given to this container",
                              "add `--device /dev/nvidia-uvm --device /dev/nvidia-uvm-tools`, or "
                              "let NVIDIA's runtime or CDI give the GPUs",
                              std::move(evidence)),
                         "absent")};
  }
  if (!uvm->open_error) {
    return {unknown("/dev/nvidia-uvm was not opened, or did not answer", std::move(evidence))};
  }
  if (*uvm->open_error == EPERM) {
    return {with_variant(fail(Owner::runtime, cause + ": the device cgroup refuses it",
                              kDaemonReload, std::move(evidence)),
                         "cgroup")};
  }
  if (*uvm->open_error != 0) {
    return {judge_error(*uvm, facts)};
  }
  return {pass("/dev/nvidia-uvm opens", std::move(evidence))};
}

}  // namespace toolkit::diagnosis
