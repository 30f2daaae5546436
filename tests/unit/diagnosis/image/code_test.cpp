#include "one_rule.hpp"

#include <doctest/doctest.h>

#include <array>
#include <sstream>

using namespace image_rules_test;
using namespace toolkit;

namespace {

constexpr std::array kCodes{"35",  "37",  "50",   "52",  "53",  "60", "61", "62",
                            "70",  "72",  "75",   "80",  "86",  "87", "89", "90",
                            "90a", "100", "100a", "103", "120", "121"};

// By hand: which SASS runs on a GPU, and how far its PTX reaches ("90a" and "100a" on their own
// only).
struct Row {
  const char* capability;
  const char* sass;
  const char* ptx;
};
constexpr std::array kRows{
    Row{"3.5", "35", "35"},
    Row{"3.7", "35 37", "35 37"},
    Row{"5.0", "50", "35 37 50"},
    Row{"5.2", "50 52", "35 37 50 52"},
    Row{"5.3", "53", "35 37 50 52 53"},
    Row{"6.0", "60", "35 37 50 52 53 60"},
    Row{"6.1", "60 61", "35 37 50 52 53 60 61"},
    Row{"6.2", "62", "35 37 50 52 53 60 61 62"},
    Row{"7.0", "70", "35 37 50 52 53 60 61 62 70"},
    Row{"7.2", "72", "35 37 50 52 53 60 61 62 70 72"},
    Row{"7.5", "70 75", "35 37 50 52 53 60 61 62 70 72 75"},
    Row{"8.0", "80", "35 37 50 52 53 60 61 62 70 72 75 80"},
    Row{"8.6", "80 86", "35 37 50 52 53 60 61 62 70 72 75 80 86"},
    Row{"8.7", "87", "35 37 50 52 53 60 61 62 70 72 75 80 86 87"},
    Row{"8.9", "80 86 89", "35 37 50 52 53 60 61 62 70 72 75 80 86 87 89"},
    Row{"9.0", "90 90a", "35 37 50 52 53 60 61 62 70 72 75 80 86 87 89 90 90a"},
    Row{"10.0", "100 100a", "35 37 50 52 53 60 61 62 70 72 75 80 86 87 89 90 100 100a"},
    Row{"10.3", "100 103", "35 37 50 52 53 60 61 62 70 72 75 80 86 87 89 90 100 103"},
    Row{"11.0", "", "35 37 50 52 53 60 61 62 70 72 75 80 86 87 89 90 100 103"},
    Row{"12.0", "120", "35 37 50 52 53 60 61 62 70 72 75 80 86 87 89 90 100 103 120"},
    Row{"12.1", "120 121", "35 37 50 52 53 60 61 62 70 72 75 80 86 87 89 90 100 103 120 121"}};

bool has(const char* list, const std::string& code) {
  std::istringstream words(list);
  for (std::string word; words >> word;) {
    if (word == code) {
      return true;
    }
  }
  return false;
}

gpu::GpuCode torch_code(std::vector<std::string> sass, std::vector<std::string> ptx) {
  gpu::GpuCode code;
  code.path = "/site/torch/lib/libtorch_cuda.so";
  code.part_of = "torch";
  code.sass = std::move(sass);
  code.ptx = std::move(ptx);
  code.complete = true;
  return code;
}

gpu::Facts with(gpu::Facts facts, const gpu::GpuCode& code) {
  facts.image.code.push_back(code);
  return facts;
}

}  // namespace

TEST_CASE("SASS and PTX against compute capabilities: the whole table") {
  for (const Row& row : kRows) {
    for (const char* const code : kCodes) {
      CAPTURE(row.capability);
      CAPTURE(code);
      const gpu::Facts facts = place("610.43.02", row.capability);
      CHECK(verdict("image.fatbin", with(facts, torch_code({code}, {}))) ==
            (has(row.sass, code) ? "pass" : "fail no_code image"));
      CHECK(verdict("image.fatbin", with(facts, torch_code({}, {code}))) ==
            (has(row.ptx, code) ? "warn jit image" : "fail no_code image"));
    }
  }
}

TEST_CASE("PTX of a family reaches the newer ones of it, and no further") {
  const auto of = [](const char* capability, const char* code) {
    return verdict("image.fatbin", with(place("610.43.02", capability), torch_code({}, {code})));
  };
  CHECK(of("10.0", "100f") == "warn jit image");
  CHECK(of("10.3", "100f") == "warn jit image");
  CHECK(of("12.0", "100f") == "fail no_code image");
  CHECK(of("12.1", "120f") == "warn jit image");
  CHECK(of("12.0", "121f") == "fail no_code image");
}

TEST_CASE("what may be made for one GPU only is unknown on its neighbours") {
  gpu::GpuCode code = torch_code({"100"}, {});
  code.variants_unseen = true;
  CHECK(verdict("image.fatbin", with(place("610.43.02", "10.0"), code)) == "pass");
  CHECK(verdict("image.fatbin", with(place("610.43.02", "10.3"), code)) == "unknown");
  gpu::GpuCode ptx = torch_code({}, {"90"});
  ptx.variants_unseen = true;
  CHECK(verdict("image.fatbin", with(place("610.43.02", "9.0"), ptx)) == "warn jit image");
  CHECK(verdict("image.fatbin", with(place("610.43.02", "10.0"), ptx)) == "unknown");
  ptx.ptx = {"80"};
  CHECK(verdict("image.fatbin", with(place("610.43.02", "10.0"), ptx)) == "warn jit image");
}

TEST_CASE("PTX in a language that the driver does not know yet does not run") {
  gpu::GpuCode code = torch_code({"80"}, {"80"});
  code.newest_ptx = "8.7";
  CHECK(verdict("image.fatbin", with(place("550.54.14", "9.0"), code)) == "fail ptx_too_new image");
  CHECK(verdict("image.fatbin", with(place("570.26", "9.0"), code)) == "warn jit image");
  CHECK(verdict("image.fatbin", with(place("550.54.14", "8.6"), code)) == "pass");
  code.newest_ptx = "99.1";  // not in the tables
  CHECK(verdict("image.fatbin", with(place("550.54.14", "9.0"), code)) == "warn jit image");
}

TEST_CASE("a library that was not wholly looked at does not fail") {
  gpu::GpuCode code = torch_code({"80"}, {});
  code.complete = false;
  code.trouble = "looking took too long and was cut short";
  CHECK(verdict("image.fatbin", with(place("570.26", "12.0"), code)) == "unknown");
  CHECK(verdict("image.fatbin", with(place("570.26", "8.0"), code)) == "pass");
  gpu::Facts facts = with(place("570.26", "8.0"), torch_code({"80"}, {}));
  facts.image.not_scanned = {"/site/torch/lib/libtorch_cuda_linalg.so: no time left"};
  CHECK(verdict("image.fatbin", facts) == "unknown");
  // What was cut off may have better than PTX, and the copy that was not looked into may fit.
  code.sass = {};
  code.ptx = {"80"};
  CHECK(verdict("image.fatbin", with(place("570.26", "12.0"), code)) == "unknown");
  facts = with(place("570.26", "12.0"), torch_code({"80"}, {}));
  CHECK(verdict("image.fatbin", facts) == "fail no_code image");
  facts.image.not_scanned = {"/other" + facts.image.code[0].path + ": no time left"};
  CHECK(verdict("image.fatbin", facts) == "unknown");
}

TEST_CASE("of two copies of a library the one that fits counts, and a library aside only warns") {
  gpu::GpuCode nccl = torch_code({"70"}, {});
  nccl.part_of = "nccl";
  nccl.path = "/usr/lib64/libnccl.so.2";
  gpu::Facts facts = with(with(place("570.26", "9.0"), torch_code({"90"}, {})), nccl);
  CHECK(verdict("image.fatbin", facts) == "fail no_code image");
  nccl.path = "/site/nvidia/nccl/lib/libnccl.so.2";
  nccl.sass = {"90"};
  CHECK(verdict("image.fatbin", with(facts, nccl)) == "pass");
  gpu::GpuCode aside = torch_code({"80"}, {});
  aside.part_of = "flash_attn";
  aside.path = "/site/flash_attn_2_cuda.so";
  CHECK(verdict("image.fatbin", with(with(place("570.26", "9.0"), torch_code({"90"}, {})),
                                     aside)) == "warn no_code_aside image");
}

TEST_CASE("the remedy names the build that has the code") {
  gpu::Facts facts = with(place("570.26", "12.0"), torch_code({"50", "80", "90"}, {}));
  facts.image.frameworks.push_back({"torch", "2.4.0+cu121", "12.1", "/site/torch"});
  const auto findings = ask("image.fatbin", facts);
  CHECK(
      findings[0].remedy ==
      "install a build of torch for CUDA 12.8 or newer (wheels of PyTorch's index cu128 or later)");
  CHECK(findings[0].cause.find("sm_50 sm_80 sm_90, no PTX") != std::string::npos);
  CHECK(findings[0].scope == "0000:3b:00.0");
}

TEST_CASE("without code, or without a GPU, nothing is said of them") {
  CHECK(verdict("image.fatbin", gpu::Facts{}) == "");
  CHECK(verdict("image.fatbin", place("570.26", "9.0")) == "skip");
  CHECK(verdict("image.fatbin", with(gpu::Facts{}, torch_code({"80"}, {}))) == "unknown");
  CHECK(verdict("image.fatbin", with(place("570.26", ""), torch_code({"80"}, {}))) == "unknown");
}
