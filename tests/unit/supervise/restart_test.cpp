#include "src/supervise/restart.hpp"

#include <doctest/doctest.h>

using namespace toolkit;
using namespace toolkit::supervise;
using namespace std::chrono_literals;

namespace {

RestartOptions on_failure(int limit) {
  RestartOptions options;
  options.policy = {RestartWhen::on_failure, limit};
  options.delay = 1s;
  options.maximum_delay = 5s;
  return options;
}

}  // namespace

TEST_CASE("restarts are counted, and the pause doubles up to its maximum") {
  const RestartOptions options = on_failure(4);
  RestartSchedule schedule(options);
  for (const Milliseconds expected : {1000ms, 2000ms, 4000ms, 5000ms}) {
    CHECK(schedule.next(1, 0.1) == expected);
  }
  CHECK_FALSE(schedule.next(1, 0.1));
}

TEST_CASE("an attempt that lasted starts the pauses over") {
  const RestartOptions options = on_failure(-1);
  RestartSchedule schedule(options);
  CHECK(schedule.next(1, 0.1) == 1000ms);
  CHECK(schedule.next(1, 0.1) == 2000ms);
  CHECK(schedule.next(1, 6.0) == 1000ms);
}

TEST_CASE("success is no reason to restart, and codes choose which failures are") {
  RestartOptions options = on_failure(-1);
  CHECK_FALSE(RestartSchedule(options).next(0, 1));
  options.codes.emplace();
  options.codes->contains[137] = true;
  CHECK_FALSE(RestartSchedule(options).next(1, 1));
  CHECK(RestartSchedule(options).next(137, 1));
  options.policy.when = RestartWhen::always;
  CHECK(RestartSchedule(options).next(0, 1));
  options.policy.when = RestartWhen::never;
  CHECK_FALSE(RestartSchedule(options).next(137, 1));
}

TEST_CASE("exit codes are mapped by the first rule that fits") {
  RestartOptions options;
  options.map_exit = {{143, 0}, {143, 7}};
  CHECK(mapped_exit(options, 143) == 0);
  CHECK(mapped_exit(options, 1) == 1);
}
