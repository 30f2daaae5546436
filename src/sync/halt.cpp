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

}  // namespace

Halt::Halt()
    : stop_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      abandon_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Halt::stop() {
  stopping_ = true;
  raise(stop_fd_);
}

void Halt::abandon() {
  abandoned_ = true;
  raise(abandon_fd_);
  stop();
}

void Halt::let_stores_answer() {
  eventfd_t count = 0;
  [[maybe_unused]] const int ignored = ::eventfd_read(abandon_fd_.get(), &count);
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
