// Some ten system calls, and four more a GPU where CUDA_VISIBLE_DEVICES has names: `env` has 150.
#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/gpu/count.hpp>
#include <toolkit/gpu/visible_devices.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace toolkit::gpu {
namespace {

/// What a listing of /dev says.
struct Devices {
  std::vector<std::uint32_t> minors;  // of /dev/nvidiaN
  bool control = false, instances = false;
  std::string_view other;  // why GPUs may be here without an /dev/nvidiaN
};

// MIG User Guide, "Device Nodes and Capabilities": nvidia-cap1 and 2 configure and monitor, those
// above are instances.
bool has_instances(const std::string& root) {
  constexpr std::string_view kPrefix = "nvidia-cap";
  return std::ranges::any_of(sorted_entries(root + "/dev/nvidia-caps"), [&](std::string_view name) {
    const auto number =
        name.starts_with(kPrefix) ? parse_whole(name.substr(kPrefix.size())) : std::nullopt;
    return number && *number > 2;
  });
}

// In the order in which a reader would want to be told.
std::string_view other_gpus(const std::vector<std::string>& names) {
  constexpr std::pair<std::string_view, std::string_view> kOthers[] = {
      {"dxg", "/dev/dxg of WSL2 does not show how many GPUs are behind it"},
      {"nvgpu", "/dev/nvgpu is of a Jetson, whose GPU is no /dev/nvidiaN"},
      {"nvhost-gpu", "/dev/nvhost-gpu is of a Jetson, whose GPU is no /dev/nvidiaN"},
      {"kfd", "/dev/kfd is of AMD's GPUs: check-gpu lists them"},
      {"dri", "/dev/dri is of another maker's GPU, or of a display alone"},
  };
  for (const auto& [name, reason] : kOthers) {
    if (std::ranges::binary_search(names, name)) {
      return reason;
    }
  }
  return "";
}

std::optional<Devices> list_devices(const std::string& root) {
  const auto names = sorted_entries(root + "/dev");
  if (names.empty()) {
    return std::nullopt;
  }
  Devices devices;
  for (const std::string_view name : names) {
    const auto minor = name.starts_with("nvidia") ? parse_whole(name.substr(6)) : std::nullopt;
    if (minor && *minor < 255) {  // 255 is nvidiactl
      devices.minors.push_back(static_cast<std::uint32_t>(*minor));
    }
    devices.control = devices.control || name == "nvidiactl";
    devices.instances = devices.instances || name == "nvidia-caps";
  }
  devices.instances = devices.instances && has_instances(root);
  devices.other = other_gpus(names);
  return devices;
}

std::vector<VisibleCandidate> named_candidates(const std::string& root, const Devices& devices) {
  DriverFacts driver;
  read_proc_gpus(root, driver);
  std::vector<VisibleCandidate> candidates;
  for (const ProcGpu& gpu : driver.proc_gpus) {
    if (gpu.minor && !gpu.uuid.empty() && std::ranges::count(devices.minors, *gpu.minor) > 0) {
      candidates.push_back({gpu.uuid, {}});
    }
  }
  return candidates;
}

void apply_variable(const std::string& root, std::string_view value, const Devices& devices,
                    GpuCount& count) {
  std::vector<VisibleCandidate> candidates(devices.minors.size());
  if (value.starts_with("MIG-")) {
    count.reason = "CUDA_VISIBLE_DEVICES names instances of MIG, which the driver alone knows";
    return;
  }
  if (value.starts_with("GPU-")) {
    candidates = named_candidates(root, devices);
    if (candidates.size() != devices.minors.size()) {
      count.reason = "CUDA_VISIBLE_DEVICES has names, which /proc/driver/nvidia does not tell";
      return;
    }
  }
  const VisibleDevices visible = visible_devices(value, candidates);
  count.visible = static_cast<std::uint32_t>(visible.entries.size());
  count.evidence =
      fmt::format("CUDA_VISIBLE_DEVICES={} of {} here", printable(value), devices.minors.size());
  if (visible.end != ListEnd::whole && visible.end != ListEnd::negative) {
    count.evidence += fmt::format(", cut short at '{}'", printable(visible.culprit));
  }
}

void count_present(const std::string& root, const Variables& variables, const Devices& devices,
                   GpuCount& count) {
  const auto value = variables ? variables("CUDA_VISIBLE_DEVICES") : std::nullopt;
  if (!devices.control) {
    count.reason = "/dev/nvidiactl is not here, without which no GPU can be used";
  } else if (count.known && *count.known < devices.minors.size()) {
    count.reason = fmt::format("{} of /dev/nvidiaN, but the driver knows {}", devices.minors.size(),
                               *count.known);
  } else if (devices.instances) {
    count.reason = "/dev/nvidia-caps has instances of MIG, which the driver alone can count";
  } else if (value) {
    apply_variable(root, *value, devices, count);
  } else {
    count.visible = count.devices;
    count.evidence = "/dev/nvidiaN";
  }
}

void count_absent(const std::string& root, const Devices& devices, bool in_container,
                  GpuCount& count) {
  if (!devices.other.empty()) {
    count.reason = devices.other;
  } else if (::access((root + "/proc/driver").c_str(), F_OK) != 0) {
    count.reason = "no /dev/nvidiaN, and /proc/driver cannot be seen";
  } else if (count.known.value_or(0) > 0 && !in_container) {
    count.reason =
        fmt::format("the driver knows {}, whose /dev/nvidiaN appear at first use", *count.known);
  } else {
    count.visible = 0;
    count.evidence =
        count.known ? fmt::format("no /dev/nvidiaN of the {} that the driver knows", *count.known)
                    : "no /dev/nvidiaN, and no driver of NVIDIA's";
  }
}

}  // namespace

GpuCount count_gpus(const std::string& root, const Variables& variables, bool in_container) {
  GpuCount count;
  const auto devices = list_devices(root);
  if (!devices) {
    count.reason = "/dev cannot be listed";
    return count;
  }
  count.devices = static_cast<std::uint32_t>(devices->minors.size());
  if (const auto gpus = sorted_entries(root + "/proc/driver/nvidia/gpus"); !gpus.empty()) {
    count.known = static_cast<std::uint32_t>(gpus.size());
  }
  if (devices->minors.empty()) {
    count_absent(root, *devices, in_container, count);
  } else {
    count_present(root, variables, *devices, count);
  }
  return count;
}

}  // namespace toolkit::gpu
