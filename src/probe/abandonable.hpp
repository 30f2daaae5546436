#pragma once
// Functions that may block for ever, such as stat(2) on a network file system whose server is gone,
// run in threads that can be left behind. One thread does for all; there are more only while some
// are stuck. A thread that is stuck in a killable sleep (NFS, FUSE) does not keep us from ending;
// nothing helps against an uninterruptible one.

#include <toolkit/base/unique_fd.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace toolkit::probe {

/// A thread with a small stack and every signal blocked, which nobody joins. False when there can
/// be none.
[[nodiscard]] bool start_abandonable_thread(std::function<void()> function);
/// Queues the function for a thread of the pool. False when there is none and none can be started.
[[nodiscard]] bool run_abandonable(std::function<void()> function);
/// Starts another thread if the queue waits behind stuck ones: to be called now and then by those
/// who wait for an answer.
void relieve_stuck_threads();
/// Threads that exist now, for tests.
[[nodiscard]] int abandonable_threads();

/// An eventfd(2) for errands, and its signal; -1 when the process has no descriptor left.
[[nodiscard]] UniqueFd make_bell();
void ring(int bell);
void silence(int bell);

/// One function at a time and its answer. Whoever destroys it leaves a stuck function behind, so
/// the function must own what it uses.
template <typename T>
class Errand {
 public:
  Errand() : state_(std::make_shared<State>()) {}
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;

  /// Only when none is under way. False: no thread or no descriptor.
  [[nodiscard]] bool start(std::function<T()> function) {
    if (!state_->bell) {
      state_->bell = make_bell();
    }
    under_way_ = state_->bell && run_abandonable([state = state_, work = std::move(function)] {
                   T answer = work();
                   const std::lock_guard guard(state->lock);
                   state->answer = std::move(answer);
                   ring(state->bell.get());
                 });
    return under_way_;
  }
  /// Started, and its answer not taken.
  [[nodiscard]] bool under_way() const { return under_way_; }
  /// Readable when there is an answer; -1 before the first start.
  [[nodiscard]] int fd() const { return state_->bell.get(); }
  [[nodiscard]] std::optional<T> take() {
    const std::lock_guard guard(state_->lock);
    std::optional<T> answer = std::exchange(state_->answer, std::nullopt);
    if (answer) {
      silence(state_->bell.get());
      under_way_ = false;
    }
    return answer;
  }

 private:
  struct State {
    std::mutex lock;
    std::optional<T> answer;
    UniqueFd bell;
  };
  std::shared_ptr<State> state_;
  bool under_way_ = false;
};

}  // namespace toolkit::probe
