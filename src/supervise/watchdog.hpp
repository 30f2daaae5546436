#pragma once
// Notices a job that hangs: no output, no CPU use in the whole tree, no newer heartbeat file.

#include <toolkit/base/duration.hpp>

#include <cstdint>
#include <string>

namespace toolkit::supervise {

class Watchdog {
 public:
  Watchdog(Milliseconds limit, std::string heartbeat, SteadyTime now);
  [[nodiscard]] bool enabled() const { return limit_.count() > 0; }
  /// Looks (at most ten times in the limit), and says whether the job has been idle for the limit.
  [[nodiscard]] bool expired(SteadyTime now, SteadyTime last_output);
  [[nodiscard]] SteadyTime next_look() const { return next_look_; }

 private:
  [[nodiscard]] bool tree_used_cpu(SteadyTime now);
  [[nodiscard]] bool heartbeat_moved();

  Milliseconds limit_;
  std::string heartbeat_;
  SteadyTime last_activity_;
  SteadyTime next_look_;
  std::uint64_t cpu_ticks_ = 0;
  std::int64_t heartbeat_time_ = 0;
};

}  // namespace toolkit::supervise
