#include <toolkit/gpu/visible_devices.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

using namespace toolkit::gpu;

namespace {

// Four GPUs; the first two begin alike, the third is cut into instances of MIG.
const std::vector<VisibleCandidate>& machine() {
  static const std::vector<VisibleCandidate> gpus{
      {"GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", {}},
      {"GPU-8932ffff-0000-4106-c12f-20bd9faed9f6", {}},
      {"GPU-1e1e1e1e-d72c-4106-c12f-20bd9faed9f6",
       {{"MIG-89c850dc-1111-5555-9999-000000000001", "1/0"},
        {"MIG-89c850dc-2222-5555-9999-000000000002", "2/0"},
        {"MIG-77777777-3333-5555-9999-000000000003", "3/0"}}},
      {"GPU-ffffffff-d72c-4106-c12f-20bd9faed9f6", {}}};
  return gpus;
}

std::string seen(const VisibleDevices& visible) {
  std::string text;
  for (const VisibleEntry& entry : visible.entries) {
    text += (text.empty() ? "" : " ") + std::to_string(entry.gpu);
    text += entry.instance ? "/" + std::to_string(*entry.instance) : "";
  }
  return text;
}

struct Vector {
  const char* value;
  const char* seen;  // places of the GPUs in the order of CUDA's ordinals, "2/0" an instance
  ListEnd end;
  const char* culprit = "";
};

constexpr auto kWhole = ListEnd::whole;
constexpr auto kNegative = ListEnd::negative;
constexpr auto kMalformed = ListEnd::malformed;
constexpr auto kAbsent = ListEnd::absent;
constexpr auto kAmbiguous = ListEnd::ambiguous;
constexpr auto kRepeated = ListEnd::repeated;

constexpr std::array kVectors{
    // Numbers.
    Vector{"0", "0", kWhole},
    Vector{"3", "3", kWhole},
    Vector{"0,1", "0 1", kWhole},
    Vector{"2,1", "2 1", kWhole},  // the guide's example
    Vector{"3,2,1,0", "3 2 1 0", kWhole},
    Vector{"0,1,2,3", "0 1 2 3", kWhole},
    Vector{"00", "0", kWhole},
    Vector{"01,02", "1 2", kWhole},
    Vector{"+3", "3", kWhole},
    Vector{"2, +3, -0, 1", "2 3 0 1", kWhole},
    // The list ends where a number is not here; the guide: "0,2,-1,1" shows 0 and 2.
    Vector{"0,2,-1,1", "0 2", kNegative, "-1"},
    Vector{"-1", "", kNegative, "-1"},
    Vector{"-1,0", "", kNegative, "-1"},
    Vector{"0,-1,0", "0", kNegative, "-1"},
    Vector{"-2", "", kNegative, "-2"},
    Vector{"0, 1, 2, -1, 3", "0 1 2", kNegative, " -1"},
    Vector{"-99999999999999999999", "", kNegative, "-99999999999999999999"},
    Vector{"4", "", kAbsent, "4"},
    Vector{"0,4,1", "0", kAbsent, "4"},
    Vector{"3,4", "3", kAbsent, "4"},
    Vector{"99999999999999999999", "", kAbsent, "99999999999999999999"},
    Vector{"4294967296", "", kAbsent, "4294967296"},
    Vector{"0,9,9", "0", kAbsent, "9"},
    // Something twice hides all.
    Vector{"0,0", "", kRepeated, "0"},
    Vector{"0,1,2,1", "", kRepeated, "1"},
    Vector{"0,+0", "", kRepeated, "+0"},
    Vector{"1,01", "", kRepeated, "01"},
    Vector{"0,1,0,-1", "", kRepeated, "0"},
    Vector{"3,3,4", "", kRepeated, "3"},
    // Numbers are read as far as they go.
    Vector{"1gpu2,2ampere", "1 2", kWhole},
    Vector{"1.5", "1", kWhole},
    Vector{"0x1", "0", kWhole},
    Vector{"0;1", "0", kWhole},
    Vector{"0 1", "0", kWhole},
    Vector{"1:2,3", "1 3", kWhole},
    // Spaces around numbers do not matter.
    Vector{" 0", "0", kWhole},
    Vector{"0 ", "0", kWhole},
    Vector{" 1 , 0 ", "1 0", kWhole},
    Vector{"\t2", "2", kWhole},
    // What is no number ends the list.
    Vector{"", "", kMalformed, ""},
    Vector{" ", "", kMalformed, " "},
    Vector{",", "", kMalformed, ""},
    Vector{",0", "", kMalformed, ""},
    Vector{"0,", "0", kMalformed, ""},
    Vector{"0,,1", "0", kMalformed, ""},
    Vector{"one,two,3,4", "", kMalformed, "one"},
    Vector{"3,2,two,one", "3 2", kMalformed, "two"},
    Vector{"NoDevFiles", "", kMalformed, "NoDevFiles"},
    Vector{"all", "", kMalformed, "all"},
    Vector{"none", "", kMalformed, "none"},
    Vector{"+", "", kMalformed, "+"},
    Vector{"-", "", kMalformed, "-"},
    Vector{"+-1", "", kMalformed, "+-1"},
    Vector{"\"0\"", "", kMalformed, "\"0\""},
    Vector{"[0]", "", kMalformed, "[0]"},
    // Names of GPUs, and as much of one as tells it apart.
    Vector{"GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", "0", kWhole},
    Vector{"GPU-8932f937", "0", kWhole},
    Vector{"GPU-8932f", "", kAmbiguous, "GPU-8932f"},
    Vector{"GPU-8932", "", kAmbiguous, "GPU-8932"},
    Vector{"GPU-", "", kAmbiguous, "GPU-"},
    Vector{"GPU-ffff,GPU-1e", "3 2", kWhole},
    Vector{"GPU-1e,GPU-8932,GPU-ffff", "2", kAmbiguous, "GPU-8932"},
    Vector{"GPU-dead", "", kAbsent, "GPU-dead"},
    Vector{"GPU-1e,GPU-dead,GPU-ffff", "2", kAbsent, "GPU-dead"},
    Vector{"GPU-ffff,GPU-ffff", "", kRepeated, "GPU-ffff"},
    Vector{"GPU-ffff,GPU-fff", "", kRepeated, "GPU-fff"},  // the same one by another abbreviation
    Vector{"GPU-FFFF", "", kAbsent, "GPU-FFFF"},
    Vector{"gpu-ffff", "", kMalformed, "gpu-ffff"},
    Vector{"8932f937", "", kAbsent, "8932f937"},  // a number of GPU, not a name
    // Forms do not mix, and a space is no part of a name.
    Vector{"GPU-ffff,0", "3", kMalformed, "0"},
    Vector{"GPU-ffff, GPU-1e", "3", kMalformed, " GPU-1e"},
    Vector{" GPU-ffff", "", kMalformed, " GPU-ffff"},
    Vector{"0,GPU-ffff", "0", kMalformed, "GPU-ffff"},
    Vector{"GPU-ffff,MIG-77", "3", kMalformed, "MIG-77"},
    Vector{"GPU-ffff,", "3", kMalformed, ""},
    // Instances of MIG: by their own name, or the old way, and one at a time.
    Vector{"MIG-77777777-3333-5555-9999-000000000003", "2/2", kWhole},
    Vector{"MIG-77", "2/2", kWhole},
    Vector{"MIG-89c850dc", "", kAmbiguous, "MIG-89c850dc"},
    Vector{"MIG-89c850dc-2", "2/1", kWhole},
    Vector{"MIG-GPU-1e1e1e1e-d72c-4106-c12f-20bd9faed9f6/1/0", "2/0", kWhole},
    Vector{"MIG-GPU-1e1e1e1e/3/0", "2/2", kWhole},
    Vector{"MIG-GPU-1e1e1e1e/9/0", "", kAbsent, "MIG-GPU-1e1e1e1e/9/0"},
    Vector{"MIG-GPU-1e1e1e1e", "", kMalformed, "MIG-GPU-1e1e1e1e"},
    Vector{"MIG-GPU-dead/1/0", "", kAbsent, "MIG-GPU-dead/1/0"},
    Vector{"MIG-GPU-8932/1/0", "", kAmbiguous, "MIG-GPU-8932/1/0"},
    Vector{"MIG-0", "", kAbsent, "MIG-0"},
    Vector{"MIG-77,MIG-77777777", "", kRepeated, "MIG-77777777"},
    Vector{"MIG-77,0", "2/2", kMalformed, "0"},
};

}  // namespace

static_assert(kVectors.size() >= 60);

TEST_CASE("CUDA_VISIBLE_DEVICES is read as the driver reads it") {
  for (const Vector& vector : kVectors) {
    CAPTURE(vector.value);
    const VisibleDevices visible = visible_devices(vector.value, machine());
    CHECK(visible.set);
    CHECK(seen(visible) == vector.seen);
    CHECK(visible.end == vector.end);
    CHECK(visible.culprit == vector.culprit);
  }
}

TEST_CASE("without the variable all GPUs are visible, in their order") {
  const VisibleDevices visible = visible_devices(std::nullopt, machine());
  CHECK(!visible.set);
  CHECK(seen(visible) == "0 1 2 3");
}

TEST_CASE("of several instances of MIG a program gets the first") {
  const VisibleDevices visible = visible_devices("MIG-77,MIG-89c850dc-2,MIG-89c850dc-1", machine());
  CHECK(seen(visible) == "2/2");
  CHECK(visible.ignored == std::vector<std::string>{"MIG-89c850dc-2", "MIG-89c850dc-1"});
}

TEST_CASE("on a machine without GPUs nothing is visible") {
  CHECK(visible_devices("0", {}).end == ListEnd::absent);
  CHECK(visible_devices("GPU-1", {}).end == ListEnd::absent);
  CHECK(visible_devices(std::nullopt, {}).entries.empty());
}
