#include "src/supervise/stop_sequence.hpp"

#include <doctest/doctest.h>

using namespace toolkit;
using namespace toolkit::supervise;
using namespace std::chrono_literals;

namespace {

const SteadyTime kStart{1000s};
constexpr StopSequence::Left kNothing{};
constexpr StopSequence::Left kWorkers{.descendants = true, .output = true};
constexpr StopSequence::Left kHeldPipe{.descendants = false, .output = true};

StopSequence sequence(Leftover leftover = Leftover::kill) { return {25s, 2s, leftover}; }

}  // namespace

TEST_CASE("a job that ends and leaves nothing is over at once") {
  StopSequence stop = sequence();
  CHECK(stop.deadline() == SteadyTime::max());
  stop.main_ended(kStart);
  CHECK_FALSE(stop.advance(kStart, kNothing));
  CHECK(stop.phase() == Phase::over);
}

TEST_CASE("the grace ends in killing, and a repeated cancel does not move it") {
  StopSequence stop = sequence();
  stop.cancel(kStart);
  stop.cancel(kStart + 20s);
  CHECK(stop.deadline() == kStart + 25s);
  CHECK_FALSE(stop.advance(kStart + 24s, kWorkers));
  CHECK(stop.phase() == Phase::stopping);
  CHECK_FALSE(stop.advance(kStart + 25s, kWorkers));
  CHECK(stop.phase() == Phase::killing);
}

TEST_CASE(
    "after a cancel the workers keep the rest of the grace when the main process ends first") {
  StopSequence stop = sequence();
  stop.cancel(kStart);
  stop.main_ended(kStart + 1s);
  CHECK_FALSE(stop.advance(kStart + 10s, kWorkers));
  CHECK(stop.phase() == Phase::stopping);
  CHECK_FALSE(stop.advance(kStart + 11s, kNothing));
  CHECK(stop.phase() == Phase::over);
}

TEST_CASE(
    "what outlives a main process that was not stopped gets the drain time, then --leftover "
    "decides") {
  SUBCASE("kill") {
    StopSequence stop = sequence(Leftover::kill);
    stop.main_ended(kStart);
    CHECK_FALSE(stop.advance(kStart + 1999ms, kWorkers));
    CHECK(stop.phase() == Phase::draining);
    CHECK_FALSE(stop.advance(kStart + 2s, kWorkers));
    CHECK(stop.phase() == Phase::killing);
  }
  SUBCASE("stop asks for the stop signal once, with a grace of its own") {
    StopSequence stop = sequence(Leftover::stop);
    stop.main_ended(kStart);
    CHECK(stop.advance(kStart + 2s, kWorkers));
    CHECK(stop.phase() == Phase::stopping);
    CHECK(stop.deadline() == kStart + 27s);
    CHECK_FALSE(stop.advance(kStart + 3s, kWorkers));
  }
  SUBCASE("leave is over at once when nobody holds the output") {
    StopSequence stop = sequence(Leftover::leave);
    stop.main_ended(kStart);
    CHECK_FALSE(stop.advance(kStart, {.descendants = true, .output = false}));
    CHECK(stop.phase() == Phase::over);
  }
  SUBCASE("leave is over at once after a cancel too, but killing spares nobody") {
    StopSequence stop = sequence(Leftover::leave);
    stop.cancel(kStart);
    stop.main_ended(kStart + 1s);
    CHECK_FALSE(stop.advance(kStart + 1s, {.descendants = true, .output = false}));
    CHECK(stop.phase() == Phase::over);
    StopSequence late = sequence(Leftover::leave);
    late.cancel(kStart);
    CHECK_FALSE(late.advance(kStart + 25s, kWorkers));
    late.main_ended(kStart + 25s);
    CHECK_FALSE(late.advance(kStart + 25s, kWorkers));
    CHECK(late.phase() == Phase::killing);
  }
  SUBCASE("leave waits the drain time for a held pipe") {
    StopSequence stop = sequence(Leftover::leave);
    stop.main_ended(kStart);
    CHECK_FALSE(stop.advance(kStart + 1s, kWorkers));
    CHECK(stop.phase() == Phase::draining);
    CHECK_FALSE(stop.advance(kStart + 2s, kWorkers));
    CHECK(stop.phase() == Phase::over);
  }
}

TEST_CASE("a pipe held from outside the tree costs the drain time and no more") {
  StopSequence stop = sequence();
  stop.main_ended(kStart);
  CHECK_FALSE(stop.advance(kStart + 1s, kHeldPipe));
  CHECK(stop.phase() == Phase::draining);
  CHECK_FALSE(stop.advance(kStart + 2s, kHeldPipe));
  CHECK(stop.phase() == Phase::over);
}

TEST_CASE(
    "killing goes on until the main process is reaped, and gives up on others after the drain "
    "time") {
  StopSequence stop = sequence();
  stop.kill_now();
  stop.killed(kStart);
  CHECK_FALSE(stop.advance(kStart + 2s, kWorkers));
  CHECK(stop.phase() == Phase::killing);
  stop.main_ended(kStart + 3s);
  CHECK_FALSE(stop.advance(kStart + 4s, kWorkers));
  CHECK(stop.phase() == Phase::over);
}

TEST_CASE(
    "nobody is given up before the signals are sent, and time to die is given without a drain") {
  StopSequence stop{25s, 0s, Leftover::kill};
  stop.main_ended(kStart);
  CHECK_FALSE(stop.advance(kStart, kWorkers));
  CHECK_FALSE(stop.advance(kStart + 10s, kWorkers));  // looking through /proc took that long
  CHECK(stop.phase() == Phase::killing);
  stop.killed(kStart + 11s);
  CHECK_FALSE(stop.advance(kStart + 12s, kWorkers));
  CHECK(stop.phase() == Phase::killing);
  CHECK_FALSE(stop.advance(kStart + 13s, kWorkers));
  CHECK(stop.phase() == Phase::over);
}

TEST_CASE("a withdrawn cancel lets the job go on") {
  StopSequence stop = sequence();
  stop.cancel(kStart);
  stop.withdraw();
  CHECK(stop.phase() == Phase::running);
  CHECK_FALSE(stop.cancelled());
  CHECK(stop.deadline() == SteadyTime::max());
}
