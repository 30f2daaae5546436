#include <doctest/doctest.h>
#include <poll.h>
#include <src/probe/abandonable.hpp>
#include <tests/support/wait_until.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

using toolkit::probe::abandonable_threads;
using toolkit::probe::Errand;
using toolkit::probe::relieve_stuck_threads;
using toolkit::support::wait_until;

namespace {

// Functions hang on it until it is opened.
struct Gate {
  std::atomic<bool> open = false;
  std::atomic<int> passed = 0;
  void pass() {
    (void)wait_until([this] { return open.load(); }, std::chrono::seconds(60));
    ++passed;
  }
};

bool is_readable(int fd, int milliseconds) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, milliseconds) == 1;
}

template <typename T>
bool comes(Errand<T>& errand, std::optional<T>& answer) {
  return wait_until([&] {
    relieve_stuck_threads();
    answer = errand.take();
    return answer.has_value();
  });
}

}  // namespace

TEST_CASE("an errand's answer comes once, and its descriptor says when") {
  Errand<std::string> errand;
  CHECK_FALSE(errand.under_way());
  REQUIRE(errand.start([] { return std::string("done"); }));
  CHECK(errand.under_way());
  REQUIRE(is_readable(errand.fd(), 20'000));
  CHECK(errand.take() == "done");
  CHECK_FALSE(errand.under_way());
  CHECK_FALSE(is_readable(errand.fd(), 0));
  CHECK_FALSE(errand.take());
  REQUIRE(errand.start([] { return std::string("again"); }));
  REQUIRE(is_readable(errand.fd(), 20'000));
  CHECK(errand.take() == "again");
}

TEST_CASE("stuck errands hold nobody, get threads, and give them back") {
  const auto gate = std::make_shared<Gate>();
  {
    std::vector<std::unique_ptr<Errand<int>>> stuck;
    for (int i = 0; i < 5; ++i) {
      stuck.push_back(std::make_unique<Errand<int>>());
      REQUIRE(stuck.back()->start([gate] {
        gate->pass();
        return 1;
      }));
    }
    Errand<int> quick;
    REQUIRE(quick.start([] { return 42; }));
    std::optional<int> answer;
    CHECK(comes(quick, answer));
    CHECK(answer == 42);
    CHECK(abandonable_threads() == 6);
  }
  // Nobody waits for them any more; they end by themselves.
  gate->open = true;
  CHECK(wait_until([&] { return gate->passed == 5; }));
  CHECK(wait_until([] { return abandonable_threads() == 1; }));
}

TEST_CASE("many quick errands share one thread") {
  std::vector<std::unique_ptr<Errand<int>>> errands;
  for (int i = 0; i < 200; ++i) {
    errands.push_back(std::make_unique<Errand<int>>());
    REQUIRE(errands.back()->start([i] { return i; }));
  }
  for (int i = 0; i < 200; ++i) {
    REQUIRE(is_readable(errands[static_cast<std::size_t>(i)]->fd(), 20'000));
    CHECK(errands[static_cast<std::size_t>(i)]->take() == i);
  }
  CHECK(abandonable_threads() <= 2);  // a second one where the first got no processor for a while
}
