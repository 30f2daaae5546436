#include <toolkit/cgroup/settings.hpp>

#include <doctest/doctest.h>

using toolkit::cgroup::CpuTime;
using toolkit::cgroup::infer_settings;
using toolkit::cgroup::Limit;
using toolkit::cgroup::Limits;
using toolkit::cgroup::Setting;
using toolkit::cgroup::ShareRule;
using toolkit::cgroup::shares_of_weight;
using toolkit::cgroup::weight_of_shares;

namespace {

std::string values_of(const std::vector<Setting>& settings, std::string_view name) {
  std::string values;
  for (const Setting& setting : settings) {
    for (const auto& candidate :
         setting.name == name ? setting.candidates : decltype(setting.candidates)()) {
      values += (values.empty() ? "" : " ") + candidate.value;
    }
  }
  return values;
}

}  // namespace

TEST_CASE("shares as weights: the values that the sources name") {
  struct Case {
    std::uint64_t shares, linear, curved, proportional;
  };
  for (const Case& item : {Case{2, 1, 1, 1},
                           {1024, 39, 100, 100},
                           {262144, 10000, 10000, 10000},
                           {256, 10, 35, 25},
                           {0, 1, 1, 1}}) {
    CAPTURE(item.shares);
    CHECK(weight_of_shares(item.shares, ShareRule::linear) == item.linear);
    CHECK(weight_of_shares(item.shares, ShareRule::curved) == item.curved);
    CHECK(weight_of_shares(item.shares, ShareRule::proportional) == item.proportional);
  }
}

TEST_CASE("weights back to shares: every weight's range holds exactly the shares that give it") {
  for (const ShareRule rule : {ShareRule::linear, ShareRule::curved, ShareRule::proportional}) {
    for (std::uint64_t weight = 1; weight <= 10000; weight += weight < 200 ? 1 : 97) {
      const auto [low, high] = shares_of_weight(weight, rule);
      if (low == 0) {
        continue;
      }
      REQUIRE(weight_of_shares(low, rule) == weight);
      REQUIRE(weight_of_shares(high, rule) == weight);
      REQUIRE((low == 2 || weight_of_shares(low - 1, rule) < weight));
      REQUIRE((high == 262144 || weight_of_shares(high + 1, rule) > weight));
    }
  }
  CHECK(shares_of_weight(20000, ShareRule::linear) ==
        std::pair<std::uint64_t, std::uint64_t>{0, 0});
}

TEST_CASE("a quota is what --cpus and limits.cpu were") {
  Limits limits;
  limits.cpu.quota = {Limit<CpuTime>::State::set, {150000, 100000}, "", ""};
  CHECK(values_of(infer_settings(limits), "docker --cpus") == "1.5");
  CHECK(values_of(infer_settings(limits), "kubernetes limits.cpu") == "1500m");
  limits.cpu.quota.value = {20000, 50000};
  CHECK(values_of(infer_settings(limits), "docker --cpus").empty());
  CHECK(values_of(infer_settings(limits), "docker --cpu-period") == "50000");
  CHECK(values_of(infer_settings(limits), "docker --cpu-quota") == "20000");
}

TEST_CASE("v1 shares are what a CPU request was, as far as kubelet's rounding tells") {
  Limits limits;
  limits.cpu.shares = 1024;
  CHECK(infer_settings(limits).empty());
  limits.cpu.shares = 256;
  CHECK(values_of(infer_settings(limits), "kubernetes requests.cpu") == "250m");
  limits.cpu.shares = 512;
  CHECK(values_of(infer_settings(limits), "docker --cpu-shares") == "512");
  limits.cpu.shares = 2;  // kubelet's least, for no request too
  CHECK(values_of(infer_settings(limits), "kubernetes requests.cpu") == "0-2m");
}

TEST_CASE("a v2 weight has a candidate for each formula in use") {
  Limits limits;
  limits.cpu.weight = 100;
  CHECK(infer_settings(limits).empty());
  limits.cpu.weight = 39;
  CHECK(values_of(infer_settings(limits), "docker --cpu-shares") == "295-305 999-1024 400-409");
  CHECK(values_of(infer_settings(limits), "kubernetes requests.cpu") ==
        "289-298m 976-1000m 391-400m");
}

TEST_CASE("memory: the sum for --memory-swap") {
  Limits limits;
  using Bytes = Limit<std::uint64_t>;
  limits.memory.hard = {Bytes::State::set, 4096, "", ""};
  CHECK(values_of(infer_settings(limits), "docker --memory") == "4096");
  CHECK(values_of(infer_settings(limits), "docker --memory-swap").empty());
  limits.memory.swap = {Bytes::State::set, 1000, "", ""};
  limits.memory.request = 50;
  limits.pids.max = {Bytes::State::set, 7, "", ""};
  CHECK(values_of(infer_settings(limits), "docker --memory-swap") == "5096");
  CHECK(values_of(infer_settings(limits), "docker --memory-reservation") == "50");
  CHECK(values_of(infer_settings(limits), "docker --pids-limit") == "7");
}
