#include "src/gpu/redact_text.hpp"

#include <toolkit/gpu/facts_json.hpp>
#include <toolkit/gpu/redact.hpp>

#include <doctest/doctest.h>

using namespace toolkit::gpu;

namespace {

constexpr const char* kFirst = "GPU-8a3f0c11-2d4e-4b6a-9c01-00aa11bb22cc";
constexpr const char* kSecond = "GPU-8a3f9c11-2d4e-4b6a-9c01-00aa11bb22cc";

}  // namespace

TEST_CASE("a name has one placeholder, wherever it stands and where it is cut short") {
  TextRedactor redactor({});
  const std::string first = redactor.text(kFirst);
  const std::string second = redactor.text(kSecond);
  CHECK(first != kFirst);
  CHECK(first.size() == std::string(kFirst).size());
  CHECK(first.substr(0, 8) == second.substr(0, 8));  // as far as they are alike
  CHECK(first != second);
  CHECK(redactor.text(kFirst) == first);
  CHECK(redactor.text(std::string("a ") + kFirst + ", b") == "a " + first + ", b");
  CHECK(second.starts_with(redactor.text("GPU-8a3f9")));
  CHECK(!first.starts_with(redactor.text("GPU-8a3f9")));
  CHECK(redactor.text(std::string("MIG-") + kFirst + "/1/0") == "MIG-" + first + "/1/0");
  CHECK(redactor.text("8A3F0C11-2d4e-4b6a-9c01-00aa11bb22cc") == first.substr(4));
}

TEST_CASE("addresses lose who they are and keep of which kind they are") {
  TextRedactor redactor({});
  const std::string local = redactor.text("fe80:0000:0000:0000:0c42:a1ff:fe65:0e8a");
  CHECK(local.starts_with("fe80:0000:0000:0000:0"));
  CHECK(local.find("c42") == std::string::npos);
  CHECK(redactor.text("0000:0000:0000:0000:0000:ffff:c0a8:0101")
            .starts_with("0000:0000:0000:0000:0000:ffff:1"));
  CHECK(redactor.text("0000:0000:0000:0000") == "0000:0000:0000:0000");
  CHECK(redactor.text("0c:42:a1:65:0e:8a") != "0c:42:a1:65:0e:8a");
}

TEST_CASE("what names a slot, a version, a time or a path stays") {
  TextRedactor redactor({"node17"});
  for (const char* text :
       {"0000:3b:00.0", "pci0000:3a/0000:3a:00.0/0000:3b:00.0", "550.54.15", "8.9.7.29",
        "2026-11-23 12:34:56", "libcuda.so.1 -> libcuda.so.550.90.07", "0-31,64-95",
        "NVIDIA A100-SXM4-80GB", "GPU-Z", "sm_90a", "/usr/local/cuda-12.4/compat", "node170"}) {
    CHECK(redactor.text(text) == text);
  }
  CHECK(redactor.text("on node17: /home/ann/lib:/opt") == "on host: /home/user/lib:/opt");
  CHECK(redactor.text("/var/lib/docker/overlay2/" + std::string(64, 'e') + "/diff") ==
        "/var/lib/docker/overlay2/" + redactor.name(std::string(64, 'e')) + "/diff");
}

TEST_CASE("no serial, UUID, host or address of a capture is left") {
  Facts facts;
  facts.place.variables = {{"CUDA_VISIBLE_DEVICES", "GPU-8a3f9"}, {"NCCL_COMM_ID", "10.1.2.3:9"}};
  facts.driver.proc_gpus.emplace_back().uuid = kSecond;
  facts.probes.nvml.gpus.emplace_back().values["serial"] = "1324519057771";
  facts.host.kernel_log = "node17 NVRM: GPU Board Serial Number: 1324519057771\nNVRM: Xid";
  facts.rdma.adapters.emplace_back().node_guid = "0c42:a103:0065:0e8a";
  facts.amd.gpus.emplace_back().unique_id = "0x5d8f2a";
  redact(facts, {"node17"});
  const std::string text = to_json(facts);
  for (const char* secret : {"8a3f9", "10.1.2.3", "1324519057771", "node17", "a103", "5d8f2a"}) {
    CAPTURE(secret);
    CHECK(text.find(secret) == std::string::npos);
  }
  CHECK(facts.driver.proc_gpus[0].uuid.starts_with(facts.place.variables["CUDA_VISIBLE_DEVICES"]));
  CHECK(text.find(facts.probes.nvml.gpus[0].values["serial"] + "\\nNVRM: Xid") !=
        std::string::npos);
}
