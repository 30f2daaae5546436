#pragma once
// Threads that work off jobs from a queue of bounded length. Owned and joined by a pass.

#include <toolkit/base/log.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace toolkit::sync {

template <typename Job>
class WorkQueue {
 public:
  WorkQueue(std::size_t threads, std::function<void(Job&)> work)
      : limit_(threads * 4), work_(std::move(work)) {
    // Where the limit of processes is reached, as in a small container, there are fewer.
    try {
      for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { run(); });
      }
    } catch (const std::system_error& error) {
      log_debug("{} threads of {}: {}", threads_.size(), threads, error.what());
    }
  }
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  ~WorkQueue() { finish(); }

  /// Waits while the queue is full: memory stays bounded whatever the number of files.
  void add(Job job) {
    if (threads_.empty()) {
      work_(job);
      return;
    }
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [&] { return jobs_.size() < limit_; });
    jobs_.push_back(std::move(job));
    lock.unlock();
    has_work_.notify_one();
  }
  /// Until all jobs are done. Nothing can be added afterwards.
  void finish() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    has_work_.notify_all();
    for (std::thread& thread : threads_) {
      thread.join();
    }
    threads_.clear();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      has_work_.wait(lock, [&] { return closed_ || !jobs_.empty(); });
      if (jobs_.empty()) {
        return;
      }
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      const bool had_no_room = jobs_.size() + 1 == limit_;
      lock.unlock();
      if (had_no_room) {
        has_room_.notify_all();
      }
      work_(job);
      lock.lock();
    }
  }

  std::size_t limit_;
  std::function<void(Job&)> work_;
  std::mutex mutex_;
  std::condition_variable has_work_, has_room_;
  std::deque<Job> jobs_;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace toolkit::sync
