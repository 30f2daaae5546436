#pragma once
// The two ways in which a sync is told to end: `stop` (no more following, one last pass) and
// `abandon` (leave everything as it is, now). Both may come from any thread, any number of times.

#include <toolkit/base/duration.hpp>
#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <atomic>

namespace toolkit::sync {

class Halt {
 public:
  Halt();
  /// Whether the descriptors could be made.
  [[nodiscard]] explicit operator bool() const { return stop_fd_ && abandon_fd_; }

  void stop();
  void abandon();
  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] bool abandoned() const { return abandoned_; }
  /// Readable from stop() or abandon() on.
  [[nodiscard]] int stop_fd() const { return stop_fd_.get(); }
  /// Readable from abandon() on: for the stores.
  [[nodiscard]] int abandon_fd() const { return abandon_fd_.get(); }

  /// Sleeps. A stop() that comes meanwhile ends it, so that a last flush never waits for a backoff
  /// (fluent-bit#5960); so does abandon(), and then the answer is false.
  [[nodiscard]] bool pause(Milliseconds time) const;

 private:
  UniqueFd stop_fd_, abandon_fd_;
  std::atomic<bool> stopping_{false}, abandoned_{false};
};

}  // namespace toolkit::sync
