#pragma once
// The two ways in which a sync is told to end: `stop` (no more following, one last pass) and
// `abandon` (leave everything as it is, now). Both may come from any thread, any number of times.
// A stop also cuts the pass short that is under way: the last one, which knows what is most
// important, must not wait for it.

#include <toolkit/base/duration.hpp>
#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>

namespace toolkit::sync {

/// Of the time that is left, so much is kept for giving back what is ours.
constexpr Milliseconds kGoodbye{1'000};
[[nodiscard]] constexpr Milliseconds before_goodbye(Milliseconds left) {
  return left - std::min(kGoodbye, left / 5);
}

class Halt {
 public:
  Halt();
  /// Whether the descriptors could be made.
  [[nodiscard]] explicit operator bool() const { return stop_fd_ && abandon_fd_; }

  void stop();
  void abandon();
  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] bool abandoned() const { return abandoned_; }
  /// After a stop(), until the last pass begins: calls of the stores that hang come back too.
  void hurry();
  /// The last pass begins: a stop() ends nothing more.
  void begin_last();
  /// Told to stop, and the last pass has not begun: what is left undone is done by that one.
  [[nodiscard]] bool last_is_next() const { return stopping_ && !last_ && !abandoned_; }
  /// Whether what is under way is to end now.
  [[nodiscard]] bool ending() const { return abandoned_ || last_is_next(); }
  /// Readable from stop() or abandon() on.
  [[nodiscard]] int stop_fd() const { return stop_fd_.get(); }
  /// Readable from abandon() on, and after hurry(): for the stores.
  [[nodiscard]] int abandon_fd() const { return abandon_fd_.get(); }

  /// After abandon(), when all threads have ended: the stores answer once more, to be told goodbye.
  void let_stores_answer();

  /// Sleeps; false as soon as ending(), so that a last flush never waits for a backoff
  /// (fluent-bit#5960).
  [[nodiscard]] bool pause(Milliseconds time) const;

 private:
  std::mutex mutex_;  // of what abandon_fd_ says
  UniqueFd stop_fd_, abandon_fd_;
  std::atomic<bool> stopping_{false}, last_{false}, abandoned_{false};
};

}  // namespace toolkit::sync
