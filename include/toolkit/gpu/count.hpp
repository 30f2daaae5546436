#pragma once
// How many GPUs a program will see here, by what lies in /dev and /proc alone: no probe is started,
// no library is loaded and no device is opened. What cannot be seen so is nothing, with the reason;
// 0 is said only where it was seen.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace toolkit::gpu {

struct GpuCount {
  std::optional<std::uint32_t> visible;  // NVIDIA's, after CUDA_VISIBLE_DEVICES; nothing: unknown
  std::optional<std::uint32_t> devices;  // /dev/nvidiaN; nothing: /dev cannot be listed
  std::optional<std::uint32_t> known;    // to the driver, /proc/driver/nvidia; nothing: not there
  std::string evidence;                  // where `visible` is from
  std::string reason;                    // or why it is nothing
};

using Variables = std::function<std::optional<std::string_view>(std::string_view name)>;

/// Below `root`, "" for the real files. Outside of containers the files in /dev appear when the
/// driver is first used, so there their absence says nothing.
[[nodiscard]] GpuCount count_gpus(const std::string& root, const Variables& variables,
                                  bool in_container);

}  // namespace toolkit::gpu
