#include "look_ahead.hpp"

#include <toolkit/base/log.hpp>

#include <system_error>

namespace toolkit::sync {
namespace {

// Enough that neither waits for the other at each directory; few enough for large ones in memory.
constexpr std::size_t kMost = 4;

bool is_end(const LookAhead::Found& found) { return found && !*found; }

}  // namespace

LookAhead::LookAhead(selection::Walk& walk, bool ahead) : walk_(walk) {
  if (!ahead) {
    return;
  }
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    log_debug("the walk has no thread of its own: {}", error.what());
  }
}

LookAhead::~LookAhead() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  has_room_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

LookAhead::Found LookAhead::next() {
  if (!thread_.joinable()) {
    return walk_.next();
  }
  std::unique_lock lock(mutex_);
  has_some_.wait(lock, [this] { return !found_.empty(); });
  Found found = std::move(found_.front());
  found_.pop_front();
  const bool has_much_room = found_.size() == kMost / 2;
  lock.unlock();
  if (has_much_room) {
    has_room_.notify_one();
  }
  return found;
}

void LookAhead::run() {
  for (bool last = false; !last;) {
    Found found = walk_.next();
    last = is_end(found);
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [this] { return over_ || found_.size() < kMost; });
    if (over_) {
      return;
    }
    found_.push_back(std::move(found));
    lock.unlock();
    has_some_.notify_one();
  }
}

}  // namespace toolkit::sync
