#pragma once
// Whether and when a child that has ended is started again. Pure.

#include <toolkit/supervise/options.hpp>

#include <optional>

namespace toolkit::supervise {

class RestartSchedule {
 public:
  explicit RestartSchedule(const RestartOptions& options)
      : options_(options), delay_(options.delay) {}

  /// The pause before the next attempt, or nothing when this end is the last. The delay doubles up
  /// to the maximum, and starts over after an attempt that lasted longer than the maximum.
  [[nodiscard]] std::optional<Milliseconds> next(int exit_code, double attempt_seconds);

 private:
  [[nodiscard]] bool worth_it(int exit_code) const;
  const RestartOptions& options_;
  Milliseconds delay_;
  int restarts_ = 0;
};

/// --map-exit: the code that `run` ends with for a child's code.
[[nodiscard]] int mapped_exit(const RestartOptions& options, int exit_code);

}  // namespace toolkit::supervise
