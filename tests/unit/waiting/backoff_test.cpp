#include "src/waiting/backoff.hpp"

#include <doctest/doctest.h>

#include <random>

using toolkit::Milliseconds;
using toolkit::waiting::Backoff;

namespace {

double in_milliseconds(toolkit::waiting::Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

TEST_CASE("pauses begin at 10 ms and grow by half up to the interval") {
  Backoff backoff(Milliseconds(1'000));
  double expected = 10;
  for (int i = 0; i < 30; ++i) {
    CAPTURE(i);
    CHECK(in_milliseconds(backoff.next(0.5)) == doctest::Approx(expected).epsilon(0.001));
    expected = std::min(expected * 1.5, 1'000 / 1.2);
  }
}

TEST_CASE("the jitter is a fifth to both sides and never exceeds the interval") {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> chance(0, 1);
  double shortest = 1e9, longest = 0;
  Backoff backoff(Milliseconds(300));
  backoff.relax();
  for (int i = 0; i < 10'000; ++i) {
    const double pause = in_milliseconds(backoff.next(chance(random)));
    shortest = std::min(shortest, pause);
    longest = std::max(longest, pause);
  }
  CHECK(shortest >= 200 - 0.01);
  CHECK(shortest < 202);
  CHECK(longest <= 300);
  CHECK(longest > 298);
}

TEST_CASE("what has gone away is looked for quickly again") {
  Backoff backoff(Milliseconds(1'000));
  backoff.relax();
  CHECK(in_milliseconds(backoff.next(0.5)) > 800);
  backoff.restart();
  CHECK(in_milliseconds(backoff.next(0.5)) == doctest::Approx(10).epsilon(0.001));
}

TEST_CASE("another interval shortens what has grown, and lets it grow again") {
  Backoff backoff(Milliseconds(1'200));
  backoff.relax();
  backoff.limit(Milliseconds(48));
  CHECK(in_milliseconds(backoff.next(0.5)) == doctest::Approx(40).epsilon(0.001));
  CHECK(in_milliseconds(backoff.next(0.5)) == doctest::Approx(40).epsilon(0.001));
  backoff.limit(Milliseconds(1'200));
  CHECK(in_milliseconds(backoff.next(0.5)) == doctest::Approx(40).epsilon(0.001));
  CHECK(in_milliseconds(backoff.next(0.5)) == doctest::Approx(60).epsilon(0.001));
}

TEST_CASE("an interval below 10 ms is kept, and one of nothing is a millisecond") {
  Backoff two(Milliseconds(2));
  Backoff none(Milliseconds(0));
  for (int i = 0; i < 5; ++i) {
    CHECK(in_milliseconds(two.next(0.999)) <= 2);
    CHECK(in_milliseconds(none.next(0.999)) <= 1);
    CHECK(in_milliseconds(none.next(0)) >= 0.6);
  }
}
