// AMD's GPUs as the kernel's driver shows them, without a library: Documentation/gpu/amdgpu, and
// drivers/gpu/drm/amd/amdkfd/kfd_topology.c.
#include "../collectors.hpp"
#include "amd_files.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace toolkit::gpu {
namespace {

constexpr const char* kNodes = "/sys/class/kfd/kfd/topology/nodes/";

// access(2) asks the modes and the cgroup, and does not wake the driver as open(2) does.
int access_error(const std::string& path) {
  return ::access(path.c_str(), R_OK | W_OK) == 0 ? 0 : errno;
}

std::optional<std::uint32_t> group_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? std::optional(status.st_gid) : std::nullopt;
}

// "simd_count 304" of a node's properties.
std::map<std::string, std::string> properties_of(std::string_view text) {
  std::map<std::string, std::string> values;
  for (const std::string_view line : split(text, '\n')) {
    if (const auto space = line.find(' '); space != std::string_view::npos) {
      values.emplace(line.substr(0, space), trim(line.substr(space)));
    }
  }
  return values;
}

// location_id is the bus and the function's number, of the domain: kfd_fill_gpu_... of the driver.
std::string address_of(long long domain, long long location) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", domain, location >> 8 & 0xff,
                     location >> 3 & 0x1f, location & 7);
}

constexpr std::string_view kDevices = "/sys/bus/pci/devices/";

// The driver asks the GPU for these: where it hangs, so does who reads them.
constexpr std::array<std::string_view, 9> kAskTheGpu{
    "ras/features",       "ras/umc_err_count",      "ras/gfx_err_count",
    "ras/sdma_err_count", "ras/mmhub_err_count",    "ras/xgmi_wafl_err_count",
    "ras/hdp_err_count",  "ras/pcie_bif_err_count", "ras/gpu_vram_bad_pages"};

void read_device(const std::string& root, AmdGpu& gpu) {
  constexpr std::array<std::string_view, 10> kNames{
      "mem_info_vram_total", "mem_info_vram_used", "mem_info_vis_vram_total", "pcie_replay_count",
      "current_link_speed",  "current_link_width", "max_link_speed",          "max_link_width",
      "numa_node",           "local_cpulist"};
  const std::string directory = root + std::string(kDevices) + gpu.address + "/";
  const auto take = [&](std::string_view name) {
    if (const auto text = read_kernel_file(directory + std::string(name))) {
      gpu.values[std::string(name)] = trim(*text);
    }
  };
  std::ranges::for_each(kNames, take);
  if (!root.empty()) {  // a tree of files: nothing that hangs
    std::ranges::for_each(kAskTheGpu, take);
  }
  gpu.unique_id = trim(read_kernel_file(directory + "unique_id").value_or(""));
}

AmdGpu read_node(const std::string& root, const std::map<std::string, std::string>& properties) {
  const auto number = [&](const char* name) {
    const auto it = properties.find(name);
    return it == properties.end() ? std::nullopt : parse_whole(it->second);
  };
  AmdGpu gpu;
  gpu.address = address_of(number("domain").value_or(0), number("location_id").value_or(0));
  for (const char* name : {"gfx_target_version", "simd_count", "device_id"}) {
    if (const auto it = properties.find(name); it != properties.end()) {
      gpu.values[name] = it->second;
    }
  }
  const auto minor = number("drm_render_minor");
  if (minor && *minor > 0 && *minor < 1 << 20) {
    const std::string path = root + "/dev/dri/renderD" + std::to_string(*minor);
    gpu.render_minor = static_cast<std::uint32_t>(*minor);
    gpu.render_open_error = access_error(path);
    gpu.render_gid = group_of(path);
  }
  read_device(root, gpu);
  return gpu;
}

}  // namespace

AmdFacts read_amd(const CollectOptions& options) {
  const std::string& root = options.root;
  AmdFacts amd;
  amd.module_loaded = ::access((root + "/sys/module/amdgpu").c_str(), F_OK) == 0;
  for (const std::string& name : sorted_entries(root + kNodes)) {
    const auto text = read_kernel_file(root + kNodes + name + "/properties");
    const auto properties = properties_of(text ? std::string_view(*text) : "");
    const auto simds = properties.find("simd_count");
    if (simds != properties.end() && simds->second != "0") {  // 0: a CPU's node
      amd.gpus.push_back(read_node(root, properties));
    }
  }
  const std::string kfd = root + "/dev/kfd";
  const int error = access_error(kfd);
  if (error != ENOENT || !amd.gpus.empty()) {
    amd.kfd_open_error = error;
    amd.kfd_gid = group_of(kfd);
  }
  return amd;
}

std::vector<std::string> files_that_ask_the_gpu(const AmdFacts& amd) {
  std::vector<std::string> paths;
  for (const AmdGpu& gpu : amd.gpus) {
    for (const std::string_view name : kAskTheGpu) {
      paths.push_back(fmt::format("{}{}/{}", kDevices, gpu.address, name));
    }
  }
  return paths;
}

void take_file_of_gpu(AmdFacts& amd, std::string_view path, std::string_view line) {
  for (AmdGpu& gpu : amd.gpus) {
    const std::string directory = fmt::format("{}{}/", kDevices, gpu.address);
    if (path.starts_with(directory) && path.substr(directory.size()).starts_with("ras/")) {
      std::string& value = gpu.values[std::string(path.substr(directory.size()))];
      value += (value.empty() ? "" : "\n") + std::string(line);
    }
  }
}

}  // namespace toolkit::gpu
