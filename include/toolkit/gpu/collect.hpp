#pragma once
// Looks at the world once, under a deadline; never fails and never hangs.

#include <toolkit/gpu/facts.hpp>
#include <toolkit/gpu/tables.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace toolkit::gpu {

struct CollectOptions {
  std::string root;  // below which /proc, /sys, /dev and the image lie; "" for the real ones
  std::chrono::milliseconds timeout{5000};  // of each probe
  bool deep = false;
  // For GPU code in the image's libraries; without a value a tenth of a second from the start on,
  // a whole one when `deep`.
  std::optional<std::chrono::milliseconds> scan;
  std::function<std::optional<std::string_view>(std::string_view name)> variables;
  const Tables* tables = nullptr;  // of --table; null for the built-in ones
  char** environment = nullptr;    // for those whose names are not known beforehand
  std::function<bool()> stopped;   // nobody wants to know any more; asked all the time

  [[nodiscard]] bool is_stopped() const { return stopped && stopped(); }
};

/// Stopped, it kills its probes and returns at once with what it has.
[[nodiscard]] Facts collect(const CollectOptions& options);

/// NVML's word alone: one probe, and nothing else is looked at.
[[nodiscard]] ProbeFacts ask_nvml(const CollectOptions& options);

}  // namespace toolkit::gpu
