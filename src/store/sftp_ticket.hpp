#pragma once
// An answer that is on its way: one thread waits for it, another brings it. A server answers some
// fifty thousand requests a second; waking a thread that does not sleep costs nothing here, where a
// std::future asks the kernel more than once for each.

#include "sftp_reply.hpp"

#include <toolkit/base/result.hpp>

#include <atomic>
#include <memory>

namespace toolkit::store::sftp {

/// Where the answer is laid down.
class Slot {
 public:
  /// Once. Whether somebody sleeps until it comes: then wake() is to follow, which may wait until
  /// the other answers that came with it are laid down too.
  [[nodiscard]] bool fill(Result<Reply> answer) {
    answer_ = std::move(answer);
    return state_.exchange(kFilled, std::memory_order_acq_rel) == kAwaited;
  }
  void wake() { state_.notify_one(); }
  /// Once.
  [[nodiscard]] Result<Reply> take() {
    int state = kEmpty;
    state_.compare_exchange_strong(state, kAwaited, std::memory_order_acq_rel);
    while (state_.load(std::memory_order_acquire) != kFilled) {
      state_.wait(kAwaited, std::memory_order_acquire);
    }
    return std::move(answer_);
  }

 private:
  static constexpr int kEmpty = 0, kAwaited = 1, kFilled = 2;
  std::atomic<int> state_{kEmpty};
  Result<Reply> answer_;
};

/// Whose answer is not wanted lets go of it.
class Ticket {
 public:
  Ticket() = default;
  explicit Ticket(std::shared_ptr<Slot> slot) : slot_(std::move(slot)) {}
  /// Waits. Once, and only of a request that was sent. Its error is the connection's: unavailable,
  /// interrupted.
  [[nodiscard]] Result<Reply> get() { return std::exchange(slot_, nullptr)->take(); }

 private:
  std::shared_ptr<Slot> slot_;
};

}  // namespace toolkit::store::sftp
