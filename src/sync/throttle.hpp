#pragma once
// A limit on bandwidth that all transfers share, and the count of what they sent. A token bucket:
// after a rest at most a quarter of a second's worth goes out at once.

#include "halt.hpp"

#include <toolkit/base/duration.hpp>
#include <toolkit/store/store.hpp>

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

namespace toolkit::sync {

/// The world as the throttle sees it, for tests of an hour in no time.
struct ThrottleClock {
  std::function<SteadyTime()> now;
  /// Sleeps so long; false when something ended the sleep that ends the transfer.
  std::function<bool(Milliseconds)> sleep;
};

class Throttle : public store::Flow {
 public:
  /// Bytes a second, 0 for no limit. When `halt` (borrowed) says that what is under way is to end,
  /// or the deadline has passed, every pass() is `interrupted`, and takes nothing of the time of
  /// who comes later.
  Throttle(std::uint64_t bytes_per_second, const Halt& halt);
  Throttle(std::uint64_t bytes_per_second, ThrottleClock clock,
           std::optional<SteadyTime> deadline = std::nullopt);

  /// Comes back when these may go out. From any thread; who came first goes first.
  [[nodiscard]] Result<void> pass(std::size_t bytes) override;
  void again(std::size_t bytes) override { again_ += bytes; }
  [[nodiscard]] bool is_needed() const { return rate_ != 0 || deadline_; }
  /// Instead of pass() where it is not needed, by who looks for a stop himself: a poll for each of
  /// many small files would be most of all there are.
  void count(std::size_t bytes) { sent_ += bytes; }

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  /// Of these, what was not new.
  [[nodiscard]] std::uint64_t sent_again() const { return again_; }

 private:
  [[nodiscard]] SteadyTime::duration cost_of(std::size_t bytes) const;
  [[nodiscard]] SteadyTime turn_of(std::size_t bytes);
  Failure stopped(std::size_t bytes);

  std::uint64_t rate_;
  ThrottleClock clock_;
  std::optional<SteadyTime> deadline_;
  std::mutex mutex_;
  SteadyTime free_at_;  // when all that was let through so far is paid for
  std::atomic<std::uint64_t> sent_{0}, again_{0};
};

}  // namespace toolkit::sync
