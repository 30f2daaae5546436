#include "tree.hpp"

#include <toolkit/cgroup/cpus.hpp>

#include <doctest/doctest.h>

#include <numeric>

using toolkit::cgroup::CpuLimits;
using toolkit::cgroup::CpusetLimits;
using toolkit::cgroup::CpuTime;
using toolkit::cgroup::effective_cpus;
using toolkit::cgroup::Limit;
using toolkit::cgroup::throttled_share;

namespace {

using State = Limit<CpuTime>::State;

std::vector<std::uint32_t> cpus(std::uint32_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0U);
  return numbers;
}

CpuLimits quota(std::uint64_t quota_us, std::uint64_t period_us) {
  CpuLimits limits;
  limits.quota = {State::set, {quota_us, period_us}, "/cg/pod", ""};
  return limits;
}

CpuLimits unlimited() {
  CpuLimits limits;
  limits.quota.state = State::unlimited;
  return limits;
}

}  // namespace

TEST_CASE("a quota as an exact fraction, and as others round it") {
  struct Case {
    std::uint64_t quota, period;
    std::uint32_t usable;
    std::uint64_t numerator, denominator;
    std::uint32_t floor, ceiling, go, java;
  };
  for (const Case& item : {Case{150000, 100000, 8, 3, 2, 1, 2, 2, 2},
                           {50000, 100000, 8, 1, 2, 1, 1, 2, 1},
                           {50000, 100000, 1, 1, 2, 1, 1, 1, 1},
                           {400000, 100000, 8, 4, 1, 4, 4, 4, 4},
                           {1000, 3000, 8, 1, 3, 1, 1, 2, 1},
                           {250001, 100000, 8, 250001, 100000, 2, 3, 3, 3},
                           {900000, 100000, 8, 8, 1, 8, 8, 8, 8}}) {
    CAPTURE(item.quota);
    const auto allowed = cpus(item.usable);
    const auto result = effective_cpus(quota(item.quota, item.period), {}, allowed, 64);
    REQUIRE(result);
    CHECK(result->cpus.numerator == item.numerator);
    CHECK(result->cpus.denominator == item.denominator);
    CHECK(result->floor == item.floor);
    CHECK(result->ceiling == item.ceiling);
    CHECK(result->go == item.go);
    CHECK(result->java == item.java);
    CHECK(result->usable == item.usable);
    CHECK_FALSE(result->at_most);
  }
}

TEST_CASE("what binds is named") {
  CpusetLimits cpuset;
  cpuset.effective = "0-3";
  cpuset.group.directory = "/cg/set";
  CHECK(effective_cpus(unlimited(), {}, cpus(8), 8)->binding == "online");
  CHECK(effective_cpus(unlimited(), cpuset, cpus(8), 8)->binding == "cpuset");
  CHECK(effective_cpus(unlimited(), cpuset, cpus(8), 8)->evidence == "cpuset 0-3 in /cg/set");
  CHECK(effective_cpus(unlimited(), cpuset, cpus(2), 8)->binding == "affinity");
  CHECK(effective_cpus(quota(100000, 100000), cpuset, cpus(2), 8)->binding == "quota");
  CHECK(effective_cpus(quota(100000, 100000), {}, {}, 8)->evidence ==
        "100000 of 100000 us in /cg/pod");
  CHECK(effective_cpus(quota(900000, 100000), {}, cpus(2), 8)->binding == "affinity");
}

TEST_CASE("cpuset and affinity are intersected, not compared by size") {
  CpusetLimits cpuset;
  cpuset.effective = "0-3";
  const std::vector<std::uint32_t> allowed = {2, 3, 4, 5};
  const auto result = effective_cpus(unlimited(), cpuset, allowed, 8);
  CHECK(result->cpus.numerator == 2);
  CHECK(result->binding == "affinity");
}

TEST_CASE("a hidden group makes it a bound from above") {
  CpuLimits hidden;
  hidden.quota.reason = "hidden";
  CHECK(effective_cpus(hidden, {}, cpus(2), 2)->at_most);
  CHECK(effective_cpus(hidden, {}, cpus(2), 2)->reason == "hidden");
  CpuLimits partly = quota(1, 2);
  partly.quota.reason = "hidden";
  CHECK(effective_cpus(partly, {}, cpus(2), 2)->at_most);
}

TEST_CASE("nothing known is nothing claimed; without the machine's count the affinity counts") {
  CHECK_FALSE(effective_cpus(quota(1, 2), {}, {}, std::nullopt));
  CHECK(effective_cpus(unlimited(), {}, cpus(3), std::nullopt)->cpus.numerator == 3);
}

TEST_CASE("the share of stopped periods between two looks") {
  CpuLimits before = quota(1, 2), after = before;
  before.periods = 100, before.throttled_periods = 50;
  after.periods = 104, after.throttled_periods = 51;
  CHECK(throttled_share(before, after) == 0.25);
  CHECK_FALSE(throttled_share(before, before));
  CHECK_FALSE(throttled_share(after, before));
  after.throttled_periods.reset();
  CHECK_FALSE(throttled_share(before, after));
}

TEST_CASE("a second look reads the counters where the first one did") {
  toolkit::support::Tree tree("0::/pod/a\n", "41 31 0:38 / /cg rw - cgroup2 cgroup2 rw\n");
  tree.root_v2("/cg")
      .group_v2("/cg/pod", {{"cpu.max", "50000 100000"},
                            {"cpu.stat", "nr_periods 10\nnr_throttled 0\nthrottled_usec 0"}})
      .group_v2("/cg/pod/a", {{"cpu.max", "max 100000"}, {"cpu.stat", "nr_periods 0"}});
  const CpuLimits before = toolkit::cgroup::read_limits(tree.path()).cpu;
  CHECK(before.periods == 10);
  CHECK_FALSE(throttled_share(before, look_again(before, tree.path())));
  tree.files().write("cg/pod/cpu.stat", "nr_periods 12\nnr_throttled 1\nthrottled_usec 70\n");
  CHECK(throttled_share(before, look_again(before, tree.path())) == 0.5);
  CHECK(look_again(before, tree.path()).throttled_us == 70);
  tree.files().write("cg/pod/cpu.stat", "");
  CHECK_FALSE(look_again(before, tree.path()).periods);
}
