#pragma once
// The time that is left after a stop: counted from the stop itself, whatever was under way then.
// What hangs in the pass of that moment is not waited for long: the last one has to begin.

#include "halt.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <thread>

namespace toolkit::sync {

class Grace {
 public:
  Grace(Halt& halt, Milliseconds time)
      : over_(::eventfd(0, EFD_CLOEXEC)), thread_([this, &halt, time] { watch(halt, time); }) {}
  Grace(const Grace&) = delete;
  Grace& operator=(const Grace&) = delete;
  ~Grace() {
    (void)::eventfd_write(over_.get(), 1);
    thread_.join();
  }

 private:
  void watch(Halt& halt, Milliseconds time) const {
    while (!halt.stopping()) {
      pollfd entries[] = {{over_.get(), POLLIN, 0}, {halt.stop_fd(), POLLIN, 0}};
      if (::poll(entries, 2, -1) > 0 && entries[0].revents != 0) {
        return;
      }
    }
    const SteadyTime stopped = std::chrono::steady_clock::now();
    if (!is_over_by(stopped + std::min(kSlow, time / 5))) {
      halt.hurry();
      if (!is_over_by(stopped + before_goodbye(time))) {
        halt.abandon();
      }
    }
  }

  bool is_over_by(SteadyTime end) const {
    while (true) {
      const auto left =
          std::chrono::ceil<Milliseconds>(end - std::chrono::steady_clock::now()).count();
      pollfd entry{over_.get(), POLLIN, 0};
      if (::poll(&entry, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000))) > 0) {
        return true;
      }
      if (left <= 0) {
        return false;
      }
    }
  }

  static constexpr Milliseconds kSlow{1'000};

  UniqueFd over_;
  std::thread thread_;
};

}  // namespace toolkit::sync
