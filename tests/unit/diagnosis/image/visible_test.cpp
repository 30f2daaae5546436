#include "one_rule.hpp"

#include <doctest/doctest.h>

using namespace image_rules_test;
using namespace toolkit;

namespace {

// Two GPUs.
gpu::Facts pair_with(const char* name, const std::string& value) {
  gpu::Facts facts = place("550.54.14", "9.0");
  facts.probes.nvml.gpus.push_back(facts.probes.nvml.gpus[0]);
  facts.probes.nvml.gpus[1].uuid = "GPU-1e1e1e1e-d72c-4106-c12f-20bd9faed9f6";
  facts.probes.nvml.gpus[1].address = "0000:5e:00.0";
  facts.place.variables[name] = value;
  return facts;
}

std::string of(const std::string& value) {
  return verdict("env.cvd", pair_with("CUDA_VISIBLE_DEVICES", value));
}

}  // namespace

TEST_CASE("CUDA_VISIBLE_DEVICES is judged by what it leaves") {
  CHECK(verdict("env.cvd", gpu::Facts{}) == "");
  CHECK(verdict("env.cvd", pair_with("OTHER", "")) == "pass");
  CHECK(of("0,1") == "pass");
  CHECK(of("1") == "pass");
  CHECK(of("1,") == "pass");
  CHECK(of("0,1,-1") == "pass");
  CHECK(of("GPU-1e,GPU-89") == "pass");
  CHECK(of("") == "fail hides_all user");
  CHECK(of("-1") == "fail hides_all user");
  CHECK(of("2,0") == "fail hides_all user");
  CHECK(of("all") == "fail hides_all user");
  CHECK(of("0,0") == "fail repeated user");
  CHECK(of("0,2") == "fail cut_short user");
  CHECK(of("GPU-1e, GPU-89") == "fail cut_short user");
  CHECK(of("0,-1,1") == "warn cut_short user");
}

TEST_CASE("the list that CUDA will show is evidence") {
  const auto findings = ask("env.cvd", pair_with("CUDA_VISIBLE_DEVICES", "1,0"));
  REQUIRE(findings[0].evidence.size() == 3);
  CHECK(findings[0].evidence[0] == "CUDA_VISIBLE_DEVICES=\"1,0\"");
  CHECK(findings[0].evidence[1] ==
        "cuda:0 is GPU-1e1e1e1e-d72c-4106-c12f-20bd9faed9f6 (NVIDIA Test)");
}

TEST_CASE("numbers among different GPUs are warned of, unless their order is that of the bus") {
  gpu::Facts facts = pair_with("CUDA_VISIBLE_DEVICES", "0");
  facts.probes.nvml.gpus[1].name = "NVIDIA Other";
  CHECK(verdict("env.cvd", facts) == "warn order user");
  facts.place.variables["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID";
  CHECK(verdict("env.cvd", facts) == "pass");
  facts.place.variables = {{"CUDA_VISIBLE_DEVICES", "GPU-1e"}};
  CHECK(verdict("env.cvd", facts) == "pass");
}

TEST_CASE("several MIG instances in one list are warned of") {
  gpu::Facts facts = pair_with("CUDA_VISIBLE_DEVICES", "MIG-a,MIG-b");
  facts.probes.nvml.gpus[0].mig = {
      {{"uuid", "MIG-a0"}, {"gpu_instance", "1"}, {"compute_instance", "0"}},
      {{"uuid", "MIG-b0"}, {"gpu_instance", "2"}, {"compute_instance", "0"}}};
  CHECK(verdict("env.cvd", facts) == "warn several_instances user");
  facts.place.variables["CUDA_VISIBLE_DEVICES"] = "MIG-b";
  CHECK(verdict("env.cvd", facts) == "pass");
  CHECK(ask("env.cvd", facts)[0].evidence[1].find("instance MIG-b0") != std::string::npos);
}

TEST_CASE("without a list of GPUs only what has one meaning is judged") {
  gpu::Facts facts;
  facts.place.variables["CUDA_VISIBLE_DEVICES"] = "-1";
  CHECK(verdict("env.cvd", facts) == "fail hides_all user");
  facts.place.variables["CUDA_VISIBLE_DEVICES"] = "0";
  CHECK(verdict("env.cvd", facts) == "unknown");
}

TEST_CASE("what the image says it needs is held against the host") {
  const auto require = [](const std::string& value) {
    return verdict("env.require", pair_with("NVIDIA_REQUIRE_CUDA", value));
  };
  CHECK(verdict("env.require", pair_with("OTHER", "")) == "");
  CHECK(require("cuda>=12.4") == "pass");  // the driver's, by the tables
  CHECK(require("cuda>=12.6") == "fail unmet node");
  CHECK(require("cuda>=12.6 brand=tesla,driver>=550,driver<551") == "unknown");
  CHECK(require("cuda>=12.6 arch>=9.0") == "pass");
  CHECK(require("cuda=>12") == "warn malformed image");
  CHECK(verdict("env.require", pair_with("CUDA_VERSION", "13.0.1")) == "skip");
  gpu::Facts off = pair_with("NVIDIA_REQUIRE_CUDA", "cuda>=12.6");
  off.place.variables["NVIDIA_DISABLE_REQUIRE"] = "true";
  CHECK(verdict("env.require", off) == "warn disabled user");
}

TEST_CASE("a requirement must be met by every GPU") {
  gpu::Facts facts = pair_with("NVIDIA_REQUIRE_CUDA", "arch>=9.0");
  CHECK(verdict("env.require", facts) == "pass");
  facts.probes.nvml.gpus[1].compute_capability = "8.0";
  CHECK(verdict("env.require", facts) == "fail unmet node");
  CHECK(ask("env.require", facts)[0].evidence[0] ==
        "cuda 12.4, driver 550.54.14, arch 8.0, brand unseen");
  facts.probes.nvml.gpus[1].compute_capability = "";
  CHECK(verdict("env.require", facts) == "unknown");
}
