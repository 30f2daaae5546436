#include "throttle.hpp"

#include <algorithm>

namespace toolkit::sync {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kBurst = std::chrono::milliseconds(250);
constexpr auto kLongestSleep = std::chrono::milliseconds(1000);

}  // namespace

Throttle::Throttle(std::uint64_t bytes_per_second, const Halt& halt)
    : Throttle(bytes_per_second, {[] { return Clock::now(); },
                                  [&halt](Milliseconds time) { return halt.pause(time); }}) {}

Throttle::Throttle(std::uint64_t bytes_per_second, ThrottleClock clock,
                   std::optional<SteadyTime> deadline)
    : rate_(bytes_per_second),
      clock_(std::move(clock)),
      deadline_(deadline),
      free_at_(clock_.now() - kBurst) {}

// Each takes its time out of the future, in the order of the calls, and then sleeps until it has
// come: nobody is overtaken, however large his piece is.
SteadyTime Throttle::turn_of(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  free_at_ = std::max(free_at_, clock_.now() - kBurst) + cost_of(bytes);
  return free_at_;
}

SteadyTime::duration Throttle::cost_of(std::size_t bytes) const {
  return std::chrono::duration_cast<SteadyTime::duration>(
      std::chrono::duration<double>(static_cast<double>(bytes) / static_cast<double>(rate_)));
}

// What did not go out is not paid for: the last pass of a stop has no debts.
Failure Throttle::stopped(std::size_t bytes) {
  if (rate_ != 0) {
    const std::lock_guard lock(mutex_);
    free_at_ -= cost_of(bytes);
  }
  return fail(ErrorKind::interrupted, "the transfer was stopped");
}

Result<void> Throttle::pass(std::size_t bytes) {
  const SteadyTime turn = rate_ == 0 ? clock_.now() : turn_of(bytes);
  while (true) {
    const SteadyTime now = clock_.now();
    if (deadline_ && now >= *deadline_) {
      return stopped(bytes);
    }
    SteadyTime until = std::min(turn, now + kLongestSleep);
    until = deadline_ ? std::min(until, *deadline_) : until;
    const auto pause = std::chrono::ceil<Milliseconds>(std::max(until - now, Clock::duration(0)));
    if (!clock_.sleep(pause)) {  // asked also when there is nothing to sleep
      return stopped(bytes);
    }
    if (pause.count() == 0 || turn <= clock_.now()) {
      break;
    }
  }
  sent_ += bytes;
  return {};
}

}  // namespace toolkit::sync
