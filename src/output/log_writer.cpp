#include "log_writer.hpp"

#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

namespace toolkit::output {
namespace {

using std::chrono::steady_clock;

// A trainer that flushes every line would otherwise wake the writer for each: two context switches
// a line, on cores that the trainer wants. After a small batch the writer looks again by itself.
constexpr Milliseconds kNap{5};
constexpr std::size_t kSmallBatch = 32 << 10;

// Enough for write(2), rename(2) and some path strings; the sanitizers' frames are larger.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TOOLKIT_LARGE_STACK
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TOOLKIT_LARGE_STACK
#endif
#ifdef TOOLKIT_LARGE_STACK
constexpr std::size_t kStack = 512 << 10;
#else
constexpr std::size_t kStack = 64 << 10;
#endif

}  // namespace

void LogQueue::signal_event() const {
  const std::uint64_t one = 1;
  if (event) {
    (void)!::write(event.get(), &one, sizeof one);
  }
}

LogWriter::LogWriter(std::shared_ptr<LogQueue> queue, Appender appender, Milliseconds retry)
    : queue_(std::move(queue)), appender_(std::move(appender)), retry_(retry) {}

int LogWriter::start(std::unique_ptr<LogWriter>& writer) {
  ::mallopt(M_ARENA_MAX, 1);  // the thread allocates a path at most: no second heap for that
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStack);
  // Detached from the start: a thread that hangs in the kernel (a dead NFS server) cannot be
  // joined, and whoever waits for its end looks at LogQueue::finished.
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  const auto body = [](void* self) -> void* {
    const std::unique_ptr<LogWriter> owned(static_cast<LogWriter*>(self));
    owned->run();
    return nullptr;
  };
  LogWriter* const given = writer.release();
  const int error = ::pthread_create(&thread, &attributes, body, given);
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    writer.reset(given);
  }
  return error;
}

void LogWriter::run() {
  Lock lock(queue_->mutex);
  while (true) {
    wait_for_work(lock);
    if (back_.empty()) {
      take_front();
    }
    if (queue_->reopen || (queue_->stats.last_errno != 0 && back_.empty())) {
      reopen(lock);
    }
    if (!back_.empty()) {
      write_back(lock);
    }
    if (back_.empty() && queue_->front.empty()) {
      queue_->busy = false;
      queue_->flushing = false;
      queue_->done.notify_all();
      if (queue_->stop) {
        break;
      }
    }
  }
  appender_.close();
  queue_->finished = true;
  queue_->done.notify_all();
}

void LogWriter::write_inline() {
  Lock lock(queue_->mutex);
  const bool well = queue_->stats.last_errno == 0;
  if (queue_->reopen || (!well && steady_clock::now() >= retry_at_)) {
    reopen(lock);
  }
  take_front();
  if (back_.empty()) {
    return;
  }
  queue_->flushing = true;
  write_back(lock);
  queue_->flushing = queue_->busy = false;
}

void LogWriter::wait_for_work(Lock& lock) {
  LogQueue& queue = *queue_;
  const auto urgent = [&] { return queue.stop || queue.reopen || queue.flushing; };
  if (queue.stats.last_errno != 0) {
    queue.work.wait_until(lock, retry_at_, urgent);
    return;
  }
  if (std::exchange(nap_next_, false)) {
    queue.napping = true;
    queue.work.wait_until(lock, steady_clock::now() + kNap,
                          [&] { return urgent() || queue.front.size() >= kSmallBatch; });
    queue.napping = false;
  }
  queue.sleeping = true;
  queue.work.wait(lock, [&] { return urgent() || !queue.front.empty(); });
  queue.sleeping = false;
}

void LogWriter::reopen(Lock& lock) {
  queue_->reopen = false;
  lock.unlock();
  const int error = appender_.open();
  lock.lock();
  retry_at_ = steady_clock::now() + retry_;
  set_health(error);
}

void LogWriter::take_front() {
  std::swap(queue_->front, back_);
  back_at_ = 0;
  queue_->busy = !back_.empty();
  nap_next_ = back_.size() < kSmallBatch;
  if (std::exchange(queue_->room_wanted, false)) {
    queue_->signal_event();
  }
}

void LogWriter::write_back(Lock& lock) {
  // Twice where the file was well, for what fails only once; and at the end, when nobody waits for
  // the next retry.
  const bool twice = queue_->stats.last_errno == 0 || queue_->flushing || queue_->stop;
  lock.unlock();
  Appender::Outcome outcome = append_back();
  if (outcome.error != 0 && twice) {
    back_at_ += outcome.taken;
    outcome = append_back();
  }
  lock.lock();
  on_outcome(outcome);
}

Appender::Outcome LogWriter::append_back() {
  const auto outcome = appender_.append(std::string_view(back_).substr(back_at_));
  if (outcome.error != 0) {
    appender_.close();
  }
  return outcome;
}

void LogWriter::on_outcome(const Appender::Outcome& outcome) {
  back_at_ += outcome.taken;
  if (outcome.error != 0 && (queue_->flushing || queue_->stop)) {
    appender_.lose(std::string_view(back_).substr(back_at_));  // this was the last try
    back_at_ = back_.size();
  }
  if (back_at_ == back_.size()) {
    back_.clear();
  }
  // What is left of the batch is kept: writing it is how a retry finds out that the file takes
  // bytes.
  retry_at_ = steady_clock::now() + retry_;
  appender_.counts(queue_->stats);
  set_health(outcome.error);
}

void LogWriter::set_health(int error) {
  if (std::exchange(queue_->stats.last_errno, error) != error) {
    queue_->signal_event();
  }
}

}  // namespace toolkit::output
