#pragma once
// How long a leaf rests between two attempts: 10 ms at first, half as much again each time, up to
// the interval, and each time up to a fifth more or less, so that many waiters that were started
// together do not knock together for ever.

#include <toolkit/base/duration.hpp>

#include <chrono>

namespace toolkit::waiting {

using Duration = std::chrono::steady_clock::duration;

class Backoff {
 public:
  /// No pause is longer than `interval`; at least 1 ms is taken.
  explicit Backoff(Milliseconds interval);

  /// The next pause; `random` is from 0 up to 1.
  [[nodiscard]] Duration next(double random);
  /// From the beginning: what was ready has gone away.
  void restart();
  /// Another interval from here on.
  void limit(Milliseconds interval);
  /// To the longest pauses: what is ready is only looked at now and then.
  void relax() { base_ = longest_; }

 private:
  double longest_;  // milliseconds, before the jitter
  double base_;
};

}  // namespace toolkit::waiting
