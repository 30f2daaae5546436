#include <toolkit/waiting/stop.hpp>

#include <doctest/doctest.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <initializer_list>

using toolkit::process::SignalQueue;
using toolkit::waiting::stopping_signal;

namespace {

/// Blocked, as in the command, so that they go to the queue; whatever is left there is not ours.
class Blocked {
 public:
  Blocked(std::initializer_list<int> numbers) {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : numbers) {
      ::sigaddset(&set, number);
    }
    ::pthread_sigmask(SIG_BLOCK, &set, &before_);
  }
  ~Blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

TEST_CASE("a wait is stopped by what stops programs, and by no other signal") {
  const Blocked blocked{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1};
  auto queue = SignalQueue::open();
  REQUIRE(queue);
  CHECK(stopping_signal(*queue, false) == 0);
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
    ::kill(::getpid(), SIGUSR1);
    ::kill(::getpid(), number);
    CHECK(stopping_signal(*queue, false) == number);
    while (queue->next()) {
    }
  }
}

TEST_CASE("a hang-up that is not to stop us leaves the other signals their meaning") {
  const Blocked blocked{SIGHUP, SIGTERM};
  auto queue = SignalQueue::open();
  REQUIRE(queue);
  ::kill(::getpid(), SIGHUP);
  CHECK(stopping_signal(*queue, true) == 0);
  ::kill(::getpid(), SIGTERM);
  CHECK(stopping_signal(*queue, true) == SIGTERM);
}

TEST_CASE("a signal that whoever started us wants ignored does not stop us") {
  const Blocked blocked{SIGINT};
  auto queue = SignalQueue::open();
  REQUIRE(queue);
  ::kill(::getpid(), SIGINT);  // queued before it is ignored, which would drop it
  const auto before = ::signal(SIGTERM, SIG_IGN);
  CHECK(stopping_signal(*queue, false) == SIGINT);
  {
    const Blocked more{SIGTERM};
    ::kill(::getpid(), SIGTERM);
    CHECK(stopping_signal(*queue, false) == 0);
  }
  ::signal(SIGTERM, before);
}
