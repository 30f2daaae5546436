#include "src/sync/throttle.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace toolkit;
using namespace toolkit::sync;

namespace {

struct FakeClock {
  SteadyTime time{std::chrono::hours(1)};
  bool stop = false;

  ThrottleClock hooks() {
    return {[this] { return time; },
            [this](Milliseconds pause) {
              time += pause;
              return !stop;
            }};
  }
  [[nodiscard]] double seconds_since(SteadyTime begin) const {
    return std::chrono::duration<double>(time - begin).count();
  }
};

}  // namespace

TEST_CASE("an hour at a limit is an hour") {
  FakeClock clock;
  const auto begin = clock.time;
  Throttle throttle(1'000'000, clock.hooks());
  for (int i = 0; i < 3600; ++i) {
    REQUIRE(throttle.pass(1'000'000));
  }
  CHECK(clock.seconds_since(begin) == doctest::Approx(3600).epsilon(0.001));
  CHECK(throttle.sent() == 3'600'000'000);
}

TEST_CASE("after a rest no more than a quarter of a second's worth goes out at once") {
  FakeClock clock;
  Throttle throttle(1000, clock.hooks());
  clock.time += std::chrono::hours(1);
  const auto begin = clock.time;
  REQUIRE(throttle.pass(250));
  CHECK(clock.seconds_since(begin) == 0);
  REQUIRE(throttle.pass(500));
  CHECK(clock.seconds_since(begin) == doctest::Approx(0.5));
}

TEST_CASE("a piece larger than a second's worth takes its time") {
  FakeClock clock;
  const auto begin = clock.time;
  Throttle throttle(1000, clock.hooks());
  REQUIRE(throttle.pass(60'000));
  CHECK(clock.seconds_since(begin) == doctest::Approx(59.75));
}

TEST_CASE("no limit, no waiting") {
  FakeClock clock;
  const auto begin = clock.time;
  Throttle throttle(0, clock.hooks());
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(throttle.pass(1 << 30));
  }
  CHECK(clock.seconds_since(begin) == 0);
  throttle.again(7);
  CHECK(throttle.sent_again() == 7);
}

TEST_CASE("a deadline and a stop end the transfer as interrupted, and count nothing") {
  FakeClock clock;
  SUBCASE("a deadline that has passed") {
    Throttle throttle(0, clock.hooks(), clock.time);
    CHECK(throttle.pass(1).error().kind == ErrorKind::interrupted);
    CHECK(throttle.sent() == 0);
  }
  SUBCASE("a deadline that falls while it waits") {
    const auto begin = clock.time;
    Throttle throttle(1000, clock.hooks(), begin + std::chrono::milliseconds(2500));
    CHECK(throttle.pass(60'000).error().kind == ErrorKind::interrupted);
    CHECK(clock.seconds_since(begin) == doctest::Approx(2.5));
  }
  SUBCASE("a stop, also when nothing is waited for") {
    clock.stop = true;
    Throttle throttle(0, clock.hooks());
    CHECK(throttle.pass(1).error().kind == ErrorKind::interrupted);
  }
}

TEST_CASE(
    "a stop wakes who waits for his turn, and whom the last pass sends has none of his debts") {
  Halt halt;
  Throttle throttle(1000, halt);
  std::thread other([&] { halt.stop(); });
  CHECK(throttle.pass(3'600'000).error().kind == ErrorKind::interrupted);  // or the test never ends
  other.join();
  CHECK(throttle.pass(1).error().kind == ErrorKind::interrupted);
  halt.begin_last();
  CHECK(throttle.pass(100));  // or it takes an hour
}

TEST_CASE("threads share one limit and every byte is counted") {
  Halt halt;
  Throttle throttle(100'000'000, halt);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int piece = 0; piece < 100; ++piece) {
        CHECK(throttle.pass(100'000));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(throttle.sent() == 40'000'000);
}
