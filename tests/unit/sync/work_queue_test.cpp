#include "src/sync/work_queue.hpp"

#include <doctest/doctest.h>

#include <atomic>

using namespace toolkit::sync;

TEST_CASE("every job is done once, also those that are queued when it ends") {
  for (const std::size_t threads : {1UL, 2UL, 7UL}) {
    std::atomic<int> sum{0};
    {
      WorkQueue<int> queue(threads, [&](int& job) { sum += job; });
      for (int i = 1; i <= 1000; ++i) {
        queue.add(i);
      }
    }
    CHECK(sum == 500'500);
  }
}

TEST_CASE("where no thread can be had, who adds a job does it") {
  int sum = 0;
  WorkQueue<int> queue(0, [&](int& job) { sum += job; });
  queue.add(2);
  queue.add(3);
  CHECK(sum == 5);
  queue.finish();
}
