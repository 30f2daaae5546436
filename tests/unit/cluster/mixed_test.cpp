// Launchers within launchers: the fields of processes come from one of them, whichever meet.
#include "golden.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>

using namespace toolkit::cluster;
using golden::Case;

namespace {

// The usual ones that meet. Each is rank 5 of its own, of its own number of processes.
Case merged(const Case& one, const Case& other) {
  Case both = one;
  both.variables.insert(other.variables.begin(), other.variables.end());
  both.files.insert(other.files.begin(), other.files.end());
  return both;
}

std::set<std::string> speakers(const Identity& identity, std::initializer_list<Field> fields) {
  std::set<std::string> names;
  for (const auto field : fields) {
    if (const auto& value = at(identity.values, field)) {
      names.insert(value->provider);
    }
  }
  return names;
}

}  // namespace

TEST_CASE("no tuple mixes two launchers, in any pair of platforms, and contradictions are listed") {
  std::vector<Case> normal;
  for (const auto& example : golden::read_cases()) {
    if (example.name.starts_with("normal") || example.name == "last") {
      normal.push_back(example);
    }
  }
  int pairs = 0;
  for (const auto& one : normal) {
    for (const auto& other : normal) {
      if (one.platform == other.platform) {
        continue;
      }
      ++pairs;
      CAPTURE(one.platform);
      CAPTURE(other.platform);
      const auto identity = identity_of(merged(one, other));
      CHECK(speakers(identity,
                     {Field::rank, Field::world_size, Field::local_rank, Field::local_world_size})
                .size() <= 1);
      CHECK(speakers(identity, {Field::node_rank, Field::node_count, Field::nodes}).size() <= 1);
      CHECK(speakers(identity, {Field::master_addr, Field::master_port}).size() <= 1);
      for (const auto& conflict : identity.conflicts) {
        CHECK(conflict.believed.text != conflict.other.text);
        CHECK(conflict.believed.provider != conflict.other.provider);
      }
    }
  }
  CHECK(pairs >= 60);
}

TEST_CASE("torchrun inside of a task a node of Slurm is no contradiction, with other ranks it is") {
  Case nested{"",
              "",
              {{"SLURM_JOB_ID", "7"},
               {"SLURM_STEP_ID", "0"},
               {"SLURM_PROCID", "1"},
               {"SLURM_NODEID", "1"},
               {"SLURM_NTASKS", "2"},
               {"SLURM_STEP_NUM_NODES", "2"},
               {"TORCHELASTIC_RUN_ID", "x"},
               {"RANK", "9"},
               {"WORLD_SIZE", "16"},
               {"LOCAL_RANK", "1"},
               {"LOCAL_WORLD_SIZE", "8"},
               {"GROUP_RANK", "1"},
               {"GROUP_WORLD_SIZE", "2"}},
              {},
              ""};
  CHECK(identity_of(nested).conflicts.empty());
  CHECK(at(identity_of(nested).values, Field::rank)->text == "9");
  nested.variables["SLURM_PROCID"] = "0";
  CHECK_FALSE(identity_of(nested).conflicts.empty());
}
