#include "../collectors.hpp"
#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <unistd.h>

namespace toolkit::gpu {
namespace {

// Version 1 alone shows its rules; version 2 has them as a program that only root may look at.
std::vector<std::string> read_device_rules(const std::string& root) {
  std::vector<std::string> rules;
  if (const auto text = read_kernel_file(root + "/sys/fs/cgroup/devices/devices.list")) {
    for (const std::string_view line : split(*text, '\n')) {
      if (!line.empty()) {
        rules.emplace_back(line);
      }
    }
  }
  return rules;
}

}  // namespace

DriverFacts read_driver(const CollectOptions& options) {
  DriverFacts facts;
  const std::string& root = options.root;
  read_module(root, facts);
  read_proc_gpus(root, facts);
  read_nodes(root, facts);
  read_pci(root, facts);
  read_libraries(options, facts);
  read_history(root, facts);
  for (const char* path : {"/run/reboot-required", "/var/run/reboot-required"}) {
    facts.reboot_required = facts.reboot_required || ::access((root + path).c_str(), F_OK) == 0;
  }
  facts.cgroup_device_rules = read_device_rules(root);
  return facts;
}

}  // namespace toolkit::gpu
