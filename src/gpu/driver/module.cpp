// The kernel module as /sys and /proc show it. Both are the machine's own in most containers; the
// older way of injecting the driver covers /proc/driver/nvidia by copies, which age.
#include "parts.hpp"
#include "proc_text.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <unistd.h>

namespace toolkit::gpu {
namespace {

std::optional<bool> in_list_of_modules(const std::string& root) {
  const auto text = read_kernel_file(root + "/proc/modules");
  if (!text) {
    return std::nullopt;
  }
  for (const std::string_view line : split(*text, '\n')) {
    if (line.starts_with("nvidia ")) {
      return true;
    }
  }
  return false;
}

std::string one_line(const std::string& path) {
  const auto text = read_kernel_file(path);
  return text ? std::string(trim(*text)) : "";
}

}  // namespace

void read_module(const std::string& root, DriverFacts& facts) {
  const std::string module = root + "/sys/module/nvidia";
  facts.module_loaded = in_list_of_modules(root);
  if (::access(module.c_str(), F_OK) == 0) {
    facts.module_loaded = true;
    facts.module_state = one_line(module + "/initstate");
    facts.sysfs_version = one_line(module + "/version");
  } else if (!facts.module_loaded && ::access((root + "/sys/module").c_str(), F_OK) == 0) {
    facts.module_loaded = false;
  }
  if (const auto text = read_kernel_file(root + "/proc/driver/nvidia/version")) {
    facts.proc_version_line = std::string_view(*text).substr(0, text->find('\n'));
    facts.proc_version = version_in(facts.proc_version_line);
  }
  if (const auto text = read_kernel_file(root + "/proc/devices")) {
    facts.majors = parse_majors(*text);
  }
}

void read_proc_gpus(const std::string& root, DriverFacts& facts) {
  const std::string directory = root + "/proc/driver/nvidia/gpus/";
  for (const std::string& address : sorted_entries(directory)) {
    const auto text = read_kernel_file(directory + address + "/information");
    facts.proc_gpus.push_back(parse_information(address, text ? *text : ""));
  }
}

}  // namespace toolkit::gpu
