#include "abandonable.hpp"

#include <toolkit/base/duration.hpp>

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <condition_variable>
#include <cstdint>
#include <deque>

namespace toolkit::probe {
namespace {

using std::chrono::steady_clock;

// Longer than a look at a file takes that is not stuck, shorter than anybody minds.
constexpr Milliseconds kStuck{10};
// Only pages that are touched count. realpath(3) alone wants several PATH_MAX.
constexpr std::size_t kStackBytes = 256 << 10;

void* run_function(void* function) {
  const std::unique_ptr<std::function<void()>> owned(static_cast<std::function<void()>*>(function));
  (*owned)();
  return nullptr;
}

class Pool {
 public:
  bool add(std::function<void()> function) {
    const std::lock_guard guard(lock_);
    queue_.push_back(std::move(function));
    if (threads_ == 0 || is_stuck()) {
      start_thread();
    }
    if (threads_ == 0) {
      queue_.pop_back();
      return false;
    }
    work_.notify_one();
    return true;
  }

  void relieve() {
    const std::lock_guard guard(lock_);
    if (is_stuck()) {
      start_thread();
    }
  }

  int threads() {
    const std::lock_guard guard(lock_);
    return threads_;
  }

 private:
  bool is_stuck() const {
    return idle_ == 0 && !queue_.empty() && steady_clock::now() - last_taken_ > kStuck;
  }

  void start_thread() {
    if (start_abandonable_thread([this] { work(); })) {
      ++threads_;
      last_taken_ = steady_clock::now();  // it gets its time to begin
    }
  }

  // Until there is another idle thread: one is enough once nothing is stuck any more.
  void work() {
    std::unique_lock guard(lock_);
    while (!queue_.empty() || idle_ == 0) {
      ++idle_;
      work_.wait(guard, [this] { return !queue_.empty(); });
      --idle_;
      last_taken_ = steady_clock::now();
      {
        const std::function<void()> function = std::move(queue_.front());
        queue_.pop_front();
        guard.unlock();
        function();
      }
      guard.lock();
    }
    --threads_;
  }

  std::mutex lock_;
  std::condition_variable work_;
  std::deque<std::function<void()>> queue_;
  int threads_ = 0;
  int idle_ = 0;
  steady_clock::time_point last_taken_;
};

// Never destroyed: threads that were left behind come back to it at any time.
Pool& pool() {
  static Pool* const instance = new Pool;
  return *instance;
}

}  // namespace

bool start_abandonable_thread(std::function<void()> function) {
  auto owned = std::make_unique<std::function<void()>>(std::move(function));
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  ::pthread_attr_setstacksize(&attributes, kStackBytes);
  // Signals belong to the thread that waits.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const bool started = ::pthread_create(&thread, &attributes, run_function, owned.get()) == 0;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_attr_destroy(&attributes);
  if (started) {
    (void)owned.release();  // the thread's now
  }
  return started;
}

bool run_abandonable(std::function<void()> function) { return pool().add(std::move(function)); }

void relieve_stuck_threads() { pool().relieve(); }

int abandonable_threads() { return pool().threads(); }

UniqueFd make_bell() { return UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

void ring(int bell) {
  const std::uint64_t one = 1;
  // Cannot fail: the counter is at most 1 before.
  [[maybe_unused]] const ssize_t written = ::write(bell, &one, sizeof one);
}

void silence(int bell) {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(bell, &count, sizeof count);
}

}  // namespace toolkit::probe
