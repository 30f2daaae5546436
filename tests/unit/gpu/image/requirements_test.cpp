#include <toolkit/gpu/requirements.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace toolkit::gpu;

namespace {

const HostProperties kHost{"12.4", "550.54.14", "9.0", "Tesla"};

constexpr auto kMet = Requirement::met;
constexpr auto kUnmet = Requirement::unmet;
constexpr auto kUnseen = Requirement::unseen;
constexpr auto kMalformed = Requirement::malformed;

struct Row {
  const char* value;
  Requirement state;
};

constexpr std::array kRows{
    Row{"", kMet},
    Row{"   ", kMet},
    Row{",", kMet},
    Row{"cuda>=12.4", kMet},
    Row{"cuda>=12.5", kUnmet},
    Row{"cuda>12.4", kUnmet},
    Row{"cuda>12.3", kMet},
    Row{"cuda=12.4", kMet},
    Row{"cuda=12.4.0", kMet},
    Row{"cuda=12", kUnmet},
    Row{"cuda!=12.4", kUnmet},
    Row{"cuda!=12.3", kMet},
    Row{"cuda<13.0", kMet},
    Row{"cuda<12.4", kUnmet},
    Row{"cuda<=12.4", kMet},
    Row{"cuda<=12.3", kUnmet},
    Row{"CUDA>=12.4", kMet},
    Row{"driver>=550", kMet},
    Row{"driver>=550.54.15", kUnmet},
    Row{"driver<551", kMet},
    Row{"driver<550", kUnmet},
    Row{"arch>=9.0", kMet},
    Row{"arch>=10.0", kUnmet},
    Row{"arch=9", kMet},
    Row{"brand=tesla", kMet},
    Row{"brand=TESLA", kMet},
    Row{"brand=geforce", kUnmet},
    Row{"brand!=geforce", kMet},
    // A comma is AND, a space OR, and AND binds stronger.
    Row{"cuda>=12.0,driver>=550", kMet},
    Row{"cuda>=12.0,driver>=560", kUnmet},
    Row{"cuda>=12.6 brand=tesla,driver>=535,driver<551", kMet},
    Row{"cuda>=12.6 brand=tesla,driver>=535,driver<550", kUnmet},
    Row{"cuda>=12.6 brand=geforce,driver>=535 brand=tesla,driver>=550", kMet},
    Row{"cuda>=12.6  cuda>=12.0", kMet},
    Row{"cuda>=12.0,,driver>=550,", kMet},
    // What the tools do not know is passed over.
    Row{"colour=green", kMet},
    Row{"colour=green,cuda>=12.6", kUnmet},
    // What nobody can read.
    Row{"cuda", kMalformed},
    Row{">=12", kMalformed},
    Row{"cuda>=", kMalformed},
    Row{"cuda>=twelve", kMalformed},
    Row{"cuda=>12", kMalformed},
    Row{"cuda==12", kMalformed},
    Row{"cuda><12", kMalformed},
    Row{"brand>tesla", kMalformed},
    Row{"cuda>=v12", kMalformed},
};

}  // namespace

TEST_CASE("a requirement is judged by its grammar: space OR, comma AND") {
  for (const Row& row : kRows) {
    CAPTURE(row.value);
    CHECK(judge_requirement(row.value, kHost) == row.state);
  }
}

TEST_CASE("what was not seen leaves open only what depends on it") {
  const HostProperties no_brand{"12.4", "550.54.14", "9.0", ""};
  CHECK(judge_requirement("brand=tesla", no_brand) == kUnseen);
  CHECK(judge_requirement("brand=tesla,driver<550", no_brand) == kUnmet);
  CHECK(judge_requirement("driver<550,brand=tesla", no_brand) == kUnmet);
  CHECK(judge_requirement("brand=tesla cuda>=12.0", no_brand) == kMet);
  CHECK(judge_requirement("cuda>=13.0 brand=tesla", no_brand) == kUnseen);
  CHECK(judge_requirement("cuda>=x", HostProperties{}) == kMalformed);
}

TEST_CASE("all variables must be met, and the one that is not is named") {
  const auto judge = [](std::map<std::string, std::string> variables) {
    return judge_requirements(variables, kHost);
  };
  CHECK(judge({}).state == kMet);
  CHECK(judge({{"NVIDIA_REQUIRE_CUDA", "cuda>=12.0"}, {"NVIDIA_REQUIRE_DRIVER", "driver>=535"}})
            .state == kMet);
  const RequirementAnswer answer = judge(
      {{"NVIDIA_REQUIRE_CUDA", "cuda>=12.0"}, {"NVIDIA_REQUIRE_X", "driver>=560 driver>=570"}});
  CHECK(answer.state == kUnmet);
  CHECK(answer.variable == "NVIDIA_REQUIRE_X");
  CHECK(answer.condition == "driver>=560");
  CHECK(judge({{"NVIDIA_REQUIRE_JETPACK", "csv-mounts=all"}}).state == kMet);
  CHECK(judge({{"NVIDIA_REQUIRE_A", "cuda"}, {"NVIDIA_REQUIRE_B", "cuda>=13.0"}}).state == kUnmet);
}

TEST_CASE("an image from before NVIDIA_REQUIRE_CUDA needs the CUDA that it names") {
  const auto state = [](std::map<std::string, std::string> variables) {
    return judge_requirements(variables, kHost).state;
  };
  CHECK(state({{"CUDA_VERSION", "12.4.1"}}) == kMet);
  CHECK(state({{"CUDA_VERSION", "12.6.0"}}) == kUnmet);
  CHECK(state({{"CUDA_VERSION", "12.6.0"}, {"NVIDIA_REQUIRE_CUDA", "cuda>=9.0"}}) == kMet);
}

TEST_CASE("NVIDIA_DISABLE_REQUIRE counts when it is true") {
  CHECK(requirements_disabled({{"NVIDIA_DISABLE_REQUIRE", "1"}}));
  CHECK(requirements_disabled({{"NVIDIA_DISABLE_REQUIRE", "true"}}));
  CHECK(!requirements_disabled({{"NVIDIA_DISABLE_REQUIRE", "0"}}));
  CHECK(!requirements_disabled({{"NVIDIA_DISABLE_REQUIRE", "yes"}}));
  CHECK(!requirements_disabled({}));
}
