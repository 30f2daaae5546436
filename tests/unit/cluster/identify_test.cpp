#include "golden.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

using namespace toolkit::cluster;
using golden::Case;
using golden::identity_of;
using golden::read_cases;

TEST_CASE("every golden environment gives its golden answer") {
  for (const auto& example : read_cases()) {
    CAPTURE(example.platform);
    CAPTURE(example.name);
    CHECK(golden::summary(identity_of(example)) == example.expected);
  }
}

TEST_CASE("every platform has at least six golden environments in which it is believed") {
  std::map<std::string, int> counted;
  for (const auto& example : read_cases()) {
    for (const auto& seen : identity_of(example).seen) {
      counted[seen.provider] += seen.believed ? 1 : 0;
    }
  }
  for (const auto& [name, title] : provider_names()) {
    CAPTURE(name);
    CHECK(counted[std::string(name)] >= 6);
  }
}

namespace {

std::vector<std::string> believed(const Identity& identity) {
  std::vector<std::string> names;
  for (const auto& seen : identity.seen) {
    if (seen.believed) {
      names.push_back(seen.provider);
    }
  }
  return names;
}

bool cites(const std::optional<Value>& value, const std::string& variable) {
  return value && std::ranges::any_of(value->sources, [&](const std::string& source) {
           return source.starts_with(variable + "=");
         });
}

}  // namespace

TEST_CASE("changing one variable changes only what cites it") {
  for (const auto& example : read_cases()) {
    const auto before = identity_of(example);
    for (const auto& [variable, value] : example.variables) {
      for (const auto& other : {value + "1", std::string("77"), "x" + value}) {
        auto changed = example;
        changed.variables[variable] = other;
        const auto after = identity_of(changed);
        if (believed(after) != believed(before)) {
          continue;  // what gives a platform away decides about all of its fields
        }
        for (std::size_t i = 0; i < kFieldCount; ++i) {
          CAPTURE(example.platform);
          CAPTURE(example.name);
          CAPTURE(variable);
          CAPTURE(other);
          CAPTURE(field_name(static_cast<Field>(i)));
          const auto text = [&](const Identity& identity) {
            return identity.values[i] ? identity.values[i]->text : "";
          };
          const bool explained =
              cites(before.values[i], variable) || cites(after.values[i], variable);
          CHECK((text(before) == text(after) || explained));
        }
      }
    }
  }
}

TEST_CASE("a value that is set says where it comes from, one that is not says why") {
  for (const auto& example : read_cases()) {
    const auto identity = identity_of(example);
    for (std::size_t i = 0; i < kFieldCount; ++i) {
      CAPTURE(example.name);
      CHECK(identity.values[i].has_value() == identity.missing[i].empty());
      CHECK((!identity.values[i] || !identity.values[i]->sources.empty()));
    }
  }
}

TEST_CASE("--provider believes nobody else, and says so where it is not there") {
  Case both{"",
            "",
            {{"SLURM_STEP_ID", "0"},
             {"SLURM_PROCID", "3"},
             {"SLURM_NTASKS", "4"},
             {"OMPI_COMM_WORLD_RANK", "1"},
             {"OMPI_COMM_WORLD_SIZE", "2"}},
            {},
            ""};
  CHECK(at(identity_of(both).values, Field::rank)->text == "1");
  const auto slurm = identity_of(both, {.provider = "slurm-step"});
  CHECK(at(slurm.values, Field::rank)->text == "3");
  CHECK(slurm.conflicts.size() == 2);
  const auto absent = identity_of(both, {.provider = "torchrun"});
  CHECK_FALSE(at(absent.values, Field::rank));
  CHECK(absent.troubles.back() == "provider torchrun: nothing of it is here");
}

TEST_CASE("processes per node are asked for where nobody says them") {
  Case pod{"", "", {{"PET_NNODES", "3"}, {"PET_NODE_RANK", "2"}}, {}, ""};
  const auto unknown = identity_of(pod);
  CHECK_FALSE(at(unknown.values, Field::rank));
  CHECK(unknown.missing[0] == "how many processes a node has is not known: give --nproc");
  const auto one = identity_of(pod, {.processes = 1});
  CHECK(at(one.values, Field::rank)->text == "2");
  CHECK(at(one.values, Field::world_size)->text == "3");
  const auto eight = identity_of(pod, {.processes = 8});
  CHECK(at(eight.values, Field::world_size)->text == "24");
  CHECK(eight.missing[0] ==
        "this is a node of 8 processes, RANK is 16 + LOCAL_RANK, and LOCAL_RANK is not set");
  pod.variables["LOCAL_RANK"] = "5";
  const auto ranked = identity_of(pod, {.processes = 8});
  CHECK(at(ranked.values, Field::rank)->text == "21");
  CHECK(at(ranked.values, Field::rank)->confidence == Confidence::composed);
  CHECK(at(identity_of(pod, {.gpus = 8}).values, Field::rank)->confidence == Confidence::guessed);
}

TEST_CASE("a Volcano task of any name is found by the pod's own, dashes and all") {
  const std::map<std::string, std::string> variables{
      {"VC_TASK_INDEX", "1"},
      {"VC_MY_TRAINER_HOSTS", "big-job-my-trainer-0.big-job,big-job-my-trainer-1.big-job"}};
  const auto variable = [&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = variables.find(std::string(name));
    return found == variables.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  };
  const auto ours = identify(Surroundings(variable, "/nowhere", "big-job-my-trainer-1"), {});
  REQUIRE(at(ours.values, Field::node_rank));
  CHECK(at(ours.values, Field::node_rank)->text == "1");
  CHECK(at(ours.values, Field::node_count)->text == "2");
  CHECK(at(ours.values, Field::master_addr)->text == "big-job-my-trainer-0.big-job");
  const auto other = identify(Surroundings(variable, "/nowhere", "big-job-reader-1"), {});
  CHECK_FALSE(at(other.values, Field::node_rank));
  for (const char* name : {"", "-", "--", "-1", "a-", "pod"}) {
    CHECK_FALSE(at(identify(Surroundings(variable, "/nowhere", name), {}).values, Field::nodes));
  }
}
