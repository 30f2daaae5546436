#include "halt.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>

namespace toolkit::sync {
namespace {

void raise(const UniqueFd& event) {
  // A full counter stays readable, which is all that is wanted.
  [[maybe_unused]] const int ignored = ::eventfd_write(event.get(), 1);
}

void calm(const UniqueFd& event) {
  eventfd_t count = 0;
  [[maybe_unused]] const int ignored = ::eventfd_read(event.get(), &count);
}

}  // namespace

Halt::Halt()
    : stop_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      abandon_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Halt::stop() {
  stopping_ = true;
  raise(stop_fd_);
}

void Halt::hurry() {
  const std::lock_guard lock(mutex_);
  if (!last_) {
    raise(abandon_fd_);
  }
}

void Halt::begin_last() {
  const std::lock_guard lock(mutex_);
  last_ = true;
  if (!abandoned_) {
    calm(abandon_fd_);
  }
}

void Halt::abandon() {
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
  raise(abandon_fd_);
  stop();
}

void Halt::let_stores_answer() {
  const std::lock_guard lock(mutex_);
  calm(abandon_fd_);
}

bool Halt::pause(Milliseconds time) const {
  const SteadyTime end = std::chrono::steady_clock::now() + time;
  while (!ending()) {
    const auto left =
        std::chrono::ceil<Milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) {
      break;
    }
    pollfd entry{stopping_ ? abandon_fd_.get() : stop_fd_.get(), POLLIN, 0};
    ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
  }
  return !ending();
}

}  // namespace toolkit::sync
