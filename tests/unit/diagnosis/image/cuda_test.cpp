#include "one_rule.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>

using namespace image_rules_test;
using namespace toolkit;

namespace {

// The published facts once more, in another form than the product's and typed apart from it: driver
// versions as one number each (450.80.02 is 4508002).
struct Cuda {
  const char* version;
  long own;
  long floor;  // 0: no minor-version compatibility
};
constexpr std::array kCudas{
    Cuda{"10.0", 4104800, 0},       Cuda{"10.1", 4183900, 0},       Cuda{"10.2", 4403300, 0},
    Cuda{"11.0", 4505105, 4508002}, Cuda{"11.1", 4552300, 4508002}, Cuda{"11.2", 4602703, 4508002},
    Cuda{"11.3", 4651901, 4508002}, Cuda{"11.4", 4704201, 4508002}, Cuda{"11.5", 4952905, 4508002},
    Cuda{"11.6", 5103901, 4508002}, Cuda{"11.7", 5154304, 4508002}, Cuda{"11.8", 5206105, 4508002},
    Cuda{"12.0", 5256013, 5256013}, Cuda{"12.1", 5303002, 5256013}, Cuda{"12.2", 5355403, 5256013},
    Cuda{"12.3", 5452306, 5256013}, Cuda{"12.4", 5505414, 5256013}, Cuda{"12.5", 5554202, 5256013},
    Cuda{"12.6", 5602803, 5256013}, Cuda{"12.8", 5702600, 5256013}, Cuda{"12.9", 5755103, 5256013},
    Cuda{"13.0", 5806506, 5800000}, Cuda{"13.1", 5904401, 5800000}, Cuda{"13.2", 5954504, 5800000},
    Cuda{"13.3", 6104302, 5800000}};

struct Driver {
  const char* version;
  long number;
};
constexpr std::array kDrivers{
    Driver{"418.39", 4183900},     Driver{"418.226.00", 4189999}, Driver{"440.33.01", 4403301},
    Driver{"440.118.02", 4409999}, Driver{"450.51.05", 4505105},  Driver{"450.80.02", 4508002},
    Driver{"460.32.03", 4603203},  Driver{"470.103.01", 4709999}, Driver{"495.29.05", 4952905},
    Driver{"510.47.03", 5104703},  Driver{"515.43.04", 5154304},  Driver{"520.61.05", 5206105},
    Driver{"525.60.13", 5256013},  Driver{"530.30.02", 5303002},  Driver{"535.54.03", 5355403},
    Driver{"550.54.14", 5505414},  Driver{"550.54.13", 5505413},  Driver{"560.35.05", 5603505},
    Driver{"570.26", 5702600},     Driver{"575.57.08", 5755708},  Driver{"580.65.06", 5806506},
    Driver{"590.44.01", 5904401},  Driver{"595.45.04", 5954504},  Driver{"610.43.02", 6104302}};

// First CUDA x 10, last CUDA x 10 (129 stands for all of 12), first and last branch of drivers.
struct Architecture {
  const char* capability;
  int first_cuda, last_cuda, first_branch, last_branch;
};
constexpr int kEver = 9999;
constexpr std::array kArchitectures{
    Architecture{"3.0", 0, 102, 0, 470},          Architecture{"3.5", 0, 119, 0, 470},
    Architecture{"3.7", 0, 119, 0, 470},          Architecture{"5.0", 0, 129, 0, 580},
    Architecture{"5.2", 0, 129, 0, 580},          Architecture{"6.0", 80, 129, 367, 580},
    Architecture{"6.1", 80, 129, 367, 580},       Architecture{"7.0", 90, 129, 384, 580},
    Architecture{"7.5", 100, kEver, 410, kEver},  Architecture{"8.0", 110, kEver, 450, kEver},
    Architecture{"8.6", 111, kEver, 455, kEver},  Architecture{"8.9", 118, kEver, 520, kEver},
    Architecture{"9.0", 118, kEver, 520, kEver},  Architecture{"10.0", 128, kEver, 570, kEver},
    Architecture{"10.3", 129, kEver, 575, kEver}, Architecture{"11.0", 130, kEver, 580, kEver},
    Architecture{"12.0", 128, kEver, 570, kEver}, Architecture{"12.1", 129, kEver, 575, kEver}};

constexpr std::array kCompatBranches{450, 470, 535, 550, 570, 580};

int branch(const Driver& driver) { return static_cast<int>(driver.number / 10000); }

bool in_compat(const Driver& driver) {
  return std::ranges::find(kCompatBranches, branch(driver)) != kCompatBranches.end();
}

std::string expected_runtime(const Cuda& cuda, const Driver& driver, bool compat) {
  if (compat || driver.number >= cuda.own) {
    return "pass";
  }
  return cuda.floor != 0 && driver.number >= cuda.floor ? "warn minor_version_mode node"
                                                        : "fail driver_too_old node";
}

std::string expected_compat(const Cuda& cuda, const Driver& driver) {
  return !in_compat(driver)         ? "fail unsupported_driver image"
         : cuda.own < driver.number ? "fail older_than_driver image"
                                    : "pass";
}

std::string expected_architecture(const Cuda& cuda, const Driver& driver, const Architecture& one) {
  int major = 0, minor = 0;
  std::sscanf(cuda.version, "%d.%d", &major, &minor);
  if (branch(driver) > one.last_branch) {
    return "fail driver_too_new node";
  }
  if (branch(driver) < one.first_branch) {
    return "fail driver_too_old node";
  }
  return major * 10 + minor > one.last_cuda    ? "fail cuda_too_new image"
         : major * 10 + minor < one.first_cuda ? "warn cuda_too_old image"
                                               : "pass";
}

// "5505414" to "550.54.14"
std::string version_of(long number) {
  char text[64];
  std::snprintf(text, sizeof text, "%ld.%02ld.%02ld", number / 10000, number / 100 % 100,
                number % 100);
  return text;
}

void use_compat(gpu::Facts& facts, const Cuda& cuda) {
  const std::string version = version_of(cuda.own);
  gpu::CompatLibrary library{
      "/usr/local/cuda/compat/libcuda.so." + version, version, cuda.version, {}, {}, ""};
  for (const int one : kCompatBranches) {
    library.driver_branches.push_back(std::to_string(one));
  }
  facts.image.compat.push_back(library);
  gpu::DriverLibrary loaded;
  loaded.path = library.path;
  loaded.name = "libcuda";
  loaded.version = version;
  loaded.wins = loaded.compat = true;
  facts.driver.libraries.push_back(loaded);
}

gpu::Facts with_torch(gpu::Facts facts, const std::string& cuda) {
  facts.image.frameworks.push_back({"torch", "2.4.0", cuda, "/site/torch"});
  return facts;
}

}  // namespace

TEST_CASE("CUDA, driver, architecture and forward compatibility: the whole table") {
  std::size_t asked = 0;
  for (const Cuda& cuda : kCudas) {
    for (const Driver& driver : kDrivers) {
      for (const bool compat : {false, true}) {
        gpu::Facts facts = place(driver.version, "8.0");
        facts.image.runtimes.push_back({cuda.version, "CUDA_VERSION"});
        if (compat) {
          use_compat(facts, cuda);
        }
        CAPTURE(cuda.version);
        CAPTURE(driver.version);
        CAPTURE(compat);
        CHECK(verdict("cuda.runtime", facts) == expected_runtime(cuda, driver, compat));
        CHECK(verdict("cuda.compat", facts) == (compat ? expected_compat(cuda, driver) : ""));
        for (const Architecture& one : kArchitectures) {
          facts.probes.nvml.gpus[0].compute_capability = one.capability;
          CAPTURE(one.capability);
          CHECK(verdict("cuda.arch", facts) == expected_architecture(cuda, driver, one));
          ++asked;
        }
      }
    }
  }
  CHECK(asked == kCudas.size() * kDrivers.size() * kArchitectures.size() * 2);
}

TEST_CASE(
    "the CUDA that counts is that of the frameworks, then CUDA_VERSION, then the newest there") {
  gpu::Facts facts = place("450.80.02", "8.0");
  CHECK(verdict("cuda.runtime", facts) == "skip");
  facts.image.runtimes = {{"12.4", "/usr/local/cuda-12.4/version.json"},
                          {"11.0", "/usr/local/cuda-11.0/version.json"}};
  CHECK(verdict("cuda.runtime", facts) == "fail driver_too_old node");
  facts.image.runtimes.push_back({"11.2", "CUDA_VERSION"});
  CHECK(verdict("cuda.runtime", facts) == "warn minor_version_mode node");
  CHECK(verdict("cuda.runtime", with_torch(facts, "10.2")) == "pass");
  CHECK(verdict("cuda.runtime", with_torch(facts, "13.0")) == "fail driver_too_old node");
}

TEST_CASE(
    "a forward-compatibility library that would help is named when the loader does not take it") {
  gpu::Facts facts = with_torch(place("535.104.05", "9.0"), "13.0");
  facts.image.compat.push_back(
      {"/usr/local/cuda/compat/libcuda.so.580.65.06", "580.65.06", "13.0", {"535", "550"}, {}, ""});
  CHECK(verdict("cuda.runtime", facts) == "fail compat_not_used runtime");
  const auto findings = ask("cuda.runtime", facts);
  CHECK(findings[0].remedy.find("/usr/local/cuda/compat first in LD_LIBRARY_PATH") !=
        std::string::npos);
  facts.image.compat[0].driver_branches = {"550"};
  CHECK(verdict("cuda.runtime", facts) == "fail driver_too_old node");
}

TEST_CASE("forward compatibility on a GPU without it is told by CUDA's answer") {
  gpu::Facts facts = place("535.104.05", "8.9");
  use_compat(facts, kCudas[21]);
  facts.probes.cuda.init_error = 804;
  CHECK(verdict("cuda.compat", facts) == "fail unsupported_gpu image");
}

TEST_CASE("what was not seen, and what the tables do not have, is unknown") {
  CHECK(verdict("cuda.runtime", gpu::Facts{}) == "");
  CHECK(verdict("cuda.arch", gpu::Facts{}) == "");
  CHECK(verdict("cuda.runtime", with_torch(place("", "8.0"), "12.1")) == "unknown");
  CHECK(verdict("cuda.runtime", with_torch(place("700.10", "8.0"), "14.0")) == "unknown");
  CHECK(verdict("cuda.arch", place("570.26", "13.0")) == "unknown");
  CHECK(verdict("cuda.arch", place("570.26", "")) == "unknown");
  CHECK(verdict("cuda.arch", place("", "9.0")) == "unknown");
  // A toolkit behind the table: the driver's own answer decides, else only its start is known.
  gpu::Facts newer = with_torch(place("615.10", "8.0"), "13.4");
  CHECK(verdict("cuda.runtime", newer) == "unknown");
  newer.probes.nvml.cuda_version = 13040;
  CHECK(verdict("cuda.runtime", newer) == "pass");
  newer.driver.ioctl_version = "570.26";
  newer.probes.nvml.cuda_version = 12080;
  CHECK(verdict("cuda.runtime", newer) == "fail driver_too_old node");
}

TEST_CASE("rows of --table are judged by") {
  const auto tables = gpu::parse_tables("arch 13.0 Rubin 13.4 - - discrete\ncuda 13.4 615.10\n",
                                        gpu::built_in_tables());
  REQUIRE(tables);
  diagnosis::Expectations expect;
  expect.tables = &*tables;
  CHECK(verdict("cuda.arch", with_torch(place("615.10", "13.0"), "13.4"), expect) == "pass");
  CHECK(verdict("cuda.runtime", with_torch(place("615.10", "13.0"), "13.4"), expect) == "pass");
  CHECK(verdict("cuda.arch", with_torch(place("580.65.06", "13.0"), "13.4"), expect) ==
        "fail driver_too_old node");
}

TEST_CASE("each GPU has its own answer about its architecture") {
  gpu::Facts facts = with_torch(place("550.54.14", "9.0"), "12.4");
  facts.probes.nvml.gpus.push_back(facts.probes.nvml.gpus[0]);
  facts.probes.nvml.gpus[1].address = "0000:5e:00.0";
  facts.probes.nvml.gpus[1].compute_capability = "3.7";
  const auto findings = ask("cuda.arch", facts);
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].scope == "0000:3b:00.0");
  CHECK(findings[0].status == diagnosis::Status::pass);
  CHECK(findings[1].scope == "0000:5e:00.0");
  CHECK(findings[1].variant == "driver_too_new");
}

TEST_CASE("libraries that are missing, of another version, or links to nothing are warned of") {
  gpu::Facts facts;
  CHECK(verdict("cuda.libs", facts) == "");
  facts.image.libraries = {{"libcudart.so.12", "torch", "/x/libcudart.so.12", false, ""}};
  CHECK(verdict("cuda.libs", facts) == "pass");
  facts.image.libraries.push_back({"libcupti.so.12", "torch", "", false, ""});
  CHECK(verdict("cuda.libs", facts) == "warn missing image");
  facts.image.libraries[1] = {"libcusolver.so.10", "tensorflow", "", false,
                              "/usr/local/cuda/lib64/libcusolver.so.11"};
  CHECK(verdict("cuda.libs", facts) == "warn wrong_version image");
  CHECK(ask("cuda.libs", facts)[0].remedy.find(
            "ln -s libcusolver.so.11 /usr/local/cuda/lib64/libcusolver.so.10") !=
        std::string::npos);
  facts.image.libraries[1] = {"libcudnn.so.8", "", "/usr/lib64/libcudnn.so.8", true, ""};
  CHECK(verdict("cuda.libs", facts) == "warn dangling image");
}
