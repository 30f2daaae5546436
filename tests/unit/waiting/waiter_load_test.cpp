// Many leaves: what the loop does for each of them is counted.
#include "fake_probe.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <deque>

using toolkit::Milliseconds;
using namespace toolkit::waiting::test;

namespace {

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

TEST_CASE("200 leaves are touched only when they have something to do, and all of them are") {
  std::deque<Seen> seen(200);
  Scene scene;
  scene.interval = Milliseconds(200);
  scene.timeout = Milliseconds(2'000);
  for (Seen& each : seen) {
    scene.add(always(refused()), &each);
  }
  const double before = processor_seconds();
  CHECK(scene.wait().exit_code == 124);
  const double used = processor_seconds() - before;
  int fewest = 1'000, most = 0;
  for (const Seen& each : seen) {
    CHECK(each.advances == 0);
    CHECK(each.collects == each.begins);
    fewest = std::min(fewest, each.begins);
    most = std::max(most, each.begins);
  }
  MESSAGE("attempts of a leaf: " << fewest << " to " << most << ", processor " << used * 1e3
                                 << " ms");
  CHECK(fewest >= 5);
  CHECK(most <= 30);
}

TEST_CASE("200 leaves that were started together spread over the interval") {
  std::deque<Seen> seen(200);
  Scene scene;
  scene.interval = Milliseconds(200);
  scene.timeout = Milliseconds(1'500);
  for (Seen& each : seen) {
    scene.add(always(met()), &each);
  }
  scene.add(always(refused()));
  CHECK(scene.wait().exit_code == 124);
  // Of the last 200 ms, tenth by tenth: no tenth has half of the attempts.
  const auto end = seen.back().begun_at.back();
  std::vector<int> tenths(10);
  for (const Seen& each : seen) {
    for (const auto begun : each.begun_at) {
      const auto before_end = (end - begun) / Milliseconds(20);
      if (before_end >= 0 && before_end < 10) {
        ++tenths[static_cast<std::size_t>(before_end)];
      }
    }
  }
  CHECK(*std::max_element(tenths.begin(), tenths.end()) < 100);
}
