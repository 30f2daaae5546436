#pragma once
// Calls a function at a point in time, unless it is gone before.

#include <toolkit/base/duration.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace toolkit::sync {

class Alarm {
 public:
  Alarm(std::optional<SteadyTime> time, std::function<void()> ring) {
    if (time) {
      thread_ = std::thread([this, time = *time, ring = std::move(ring)] {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_until(lock, time, [&] { return over_; })) {
          ring();
        }
      });
    }
  }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace toolkit::sync
