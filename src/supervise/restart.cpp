#include "restart.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace toolkit::supervise {

bool RestartSchedule::worth_it(int exit_code) const {
  if (options_.policy.when == RestartWhen::always) {
    return true;
  }
  if (options_.codes) {
    return options_.codes->contains[static_cast<std::size_t>(exit_code & 0xFF)];
  }
  return exit_code != 0;
}

std::optional<Milliseconds> RestartSchedule::next(int exit_code, double attempt_seconds) {
  const bool used_up = options_.policy.limit >= 0 && restarts_ >= options_.policy.limit;
  if (options_.policy.when == RestartWhen::never || used_up || !worth_it(exit_code)) {
    return std::nullopt;
  }
  ++restarts_;
  if (attempt_seconds > std::chrono::duration<double>(options_.maximum_delay).count()) {
    delay_ = options_.delay;
  }
  const Milliseconds pause = std::min(delay_, options_.maximum_delay);
  delay_ = std::min(delay_ * 2, options_.maximum_delay);
  return pause;
}

int mapped_exit(const RestartOptions& options, int exit_code) {
  for (const ExitMapping& mapping : options.map_exit) {
    if (mapping.from == exit_code) {
      return mapping.to;
    }
  }
  return exit_code;
}

}  // namespace toolkit::supervise
