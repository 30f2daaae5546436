#include <toolkit/process/signals.hpp>

#include <doctest/doctest.h>
#include <pthread.h>
#include <unistd.h>

using toolkit::process::SignalEvent;
using toolkit::process::SignalQueue;

namespace {

// Signals that are not blocked go to their handlers and not to a queue.
class Blocked {
 public:
  explicit Blocked(int number) {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, number);
    ::pthread_sigmask(SIG_BLOCK, &set, &before_);
  }
  ~Blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

void send_value(int number, std::uintptr_t value) {
  sigval carried{};
  carried.sival_ptr = reinterpret_cast<void*>(value);  // NOLINT(performance-no-int-to-ptr)
  REQUIRE(::sigqueue(::getpid(), number, carried) == 0);
}

void check_same(const std::optional<SignalEvent>& event, int number, std::uint64_t value) {
  REQUIRE(event);
  CHECK(event->number == number);
  CHECK(event->code == SI_QUEUE);
  CHECK(event->sender == ::getpid());
  CHECK(event->value == value);
}

}  // namespace

TEST_CASE("a signal that is waited for brings what one that is read brings") {
  const int number = SIGRTMIN + 3;
  const Blocked blocked(number);
  auto queue = SignalQueue::open();
  REQUIRE(queue);
  send_value(number, 0x0123456789abcdef);
  check_same(queue->wait(nullptr), number, 0x0123456789abcdef);
  send_value(number, 0xfedcba9876543210);
  check_same(queue->next(), number, 0xfedcba9876543210);
  CHECK_FALSE(queue->next());
}

TEST_CASE("waiting for a signal ends with its time") {
  auto queue = SignalQueue::open();
  REQUIRE(queue);
  const timespec moment{0, 1'000'000};
  CHECK_FALSE(queue->wait(&moment));
}
