#include "throttle.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::sync {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kBurst = std::chrono::milliseconds(250);
constexpr auto kLongestSleep = std::chrono::milliseconds(1000);

// poll(2) ignores a negative descriptor, and is then a sleep.
bool sleep_unless_readable(int fd, Milliseconds time) {
  const auto end = Clock::now() + time;
  pollfd item{fd, POLLIN, 0};
  while (true) {
    const auto left = std::chrono::ceil<Milliseconds>(end - Clock::now());
    const int result = ::poll(&item, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (result >= 0 || errno != EINTR) {
      return result == 0;
    }
  }
}

Failure stopped() { return fail(ErrorKind::interrupted, "the transfer was stopped"); }

}  // namespace

Throttle::Throttle(std::uint64_t bytes_per_second, int stop_fd, std::optional<SteadyTime> deadline)
    : Throttle(bytes_per_second,
               {[] { return Clock::now(); },
                [stop_fd](Milliseconds time) { return sleep_unless_readable(stop_fd, time); }},
               deadline) {}

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
  const auto cost =
      std::chrono::duration<double>(static_cast<double>(bytes) / static_cast<double>(rate_));
  free_at_ = std::max(free_at_, clock_.now() - kBurst) +
             std::chrono::duration_cast<SteadyTime::duration>(cost);
  return free_at_;
}

Result<void> Throttle::pass(std::size_t bytes) {
  const SteadyTime turn = rate_ == 0 ? clock_.now() : turn_of(bytes);
  while (true) {
    const SteadyTime now = clock_.now();
    if (deadline_ && now >= *deadline_) {
      return stopped();
    }
    SteadyTime until = std::min(turn, now + kLongestSleep);
    until = deadline_ ? std::min(until, *deadline_) : until;
    const auto pause = std::chrono::ceil<Milliseconds>(std::max(until - now, Clock::duration(0)));
    if (!clock_.sleep(pause)) {  // asked also when there is nothing to sleep
      return stopped();
    }
    if (pause.count() == 0 || turn <= clock_.now()) {
      break;
    }
  }
  sent_ += bytes;
  return {};
}

}  // namespace toolkit::sync
