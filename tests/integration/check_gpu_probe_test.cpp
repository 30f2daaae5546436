// check-gpu over libraries that answer like NVIDIA's of many years, hang, crash and lie: the fakes
// of tests/labs/gpu/fakes, which drive nothing.
#include "env_run.hpp"

#include <toolkit/gpu/probe_values.hpp>

#include <nlohmann/json.hpp>
#include <tests/support/gpu_fixtures.hpp>

#include <algorithm>
#include <fstream>

using namespace toolkit::support;

namespace {

using Json = nlohmann::json;

struct Checked {
  Outcome outcome;
  Json answer, facts;  // --json, --capture
};

Checked check(const TempDir& dir, const std::string& generation, const std::string& script,
              const Words& options = {}) {
  dir.write("script", script);
  Checked checked;
  checked.outcome = run_clean(
      {"LD_LIBRARY_PATH=" TOOLKIT_GPU_FAKES "/" + generation, "FAKE_GPU_SCRIPT=" + dir / "script"},
      Words{"check-gpu", "--json", "--capture", dir / "capture"} + options);
  checked.answer = Json::parse(checked.outcome.out, nullptr, false);
  checked.facts = Json::parse(read_file(dir / "capture"), nullptr, false);
  REQUIRE(checked.facts.is_object());
  return checked;
}

const Json& gpu(const Checked& checked, std::size_t index) {
  return checked.facts["probes"]["nvml"]["gpus"].at(index);
}

Json finding(const Checked& checked, const std::string& id, const std::string& status) {
  for (const Json& one : checked.answer["findings"]) {
    if (one["id"] == id && (status.empty() || one["status"] == status)) {
      return one;
    }
  }
  return {};
}

// Every name of probe_values.hpp that belongs to a GPU as a whole.
const char* const kKeys[] = {toolkit::gpu::value::kSerial,
                             toolkit::gpu::value::kVbios,
                             toolkit::gpu::value::kMemoryTotal,
                             toolkit::gpu::value::kMemoryReserved,
                             toolkit::gpu::value::kMemoryBusWidth,
                             toolkit::gpu::value::kBar1Total,
                             toolkit::gpu::value::kEccMode,
                             toolkit::gpu::value::kEccVolatileUncorrected,
                             toolkit::gpu::value::kSramThreshold,
                             toolkit::gpu::value::kPagesDouble,
                             toolkit::gpu::value::kPagesPending,
                             toolkit::gpu::value::kRemapFailure,
                             toolkit::gpu::value::kBanksMax,
                             toolkit::gpu::value::kRecoveryAction,
                             toolkit::gpu::value::kThrottle,
                             toolkit::gpu::value::kThrottleAgain,
                             toolkit::gpu::value::kTemperature,
                             toolkit::gpu::value::kTemperatureSlowdown,
                             toolkit::gpu::value::kTemperatureMargin,
                             toolkit::gpu::value::kPowerLimit,
                             toolkit::gpu::value::kPowerDefault,
                             toolkit::gpu::value::kClockMaxSm,
                             toolkit::gpu::value::kPcieWidth,
                             toolkit::gpu::value::kPcieMaxWidth,
                             toolkit::gpu::value::kPcieGpuGeneration,
                             toolkit::gpu::value::kComputeMode,
                             toolkit::gpu::value::kPersistence,
                             toolkit::gpu::value::kMigMode,
                             toolkit::gpu::value::kNvlinkCount,
                             toolkit::gpu::value::kFabricState};

}  // namespace

TEST_CASE("check-gpu: the driver's libraries of nine generations are asked what they know") {
  const TempDir dir;
  for (const char* generation : {"418", "450", "470", "510", "535", "550", "570", "580", "610"}) {
    CAPTURE(generation);
    const Checked checked =
        check(dir, generation, "set process.memory 1048576 2\nset process.count 3 2\n");
    CAPTURE(checked.outcome.err);
    const Json& nvml = checked.facts["probes"]["nvml"];
    CHECK(nvml["init_error"] == 0);
    CHECK(nvml["count"] == 8);
    REQUIRE(nvml["gpus"].size() == 8);
    CHECK(nvml["overruns"].empty());
    for (const Json& one : nvml["gpus"]) {
      for (const char* key : kKeys) {
        CAPTURE(key);
        CHECK((one["values"].contains(key) != one["absent"].contains(key)));
      }
      CHECK(one["values"]["memory.total"] == "85520809984");
      CHECK(one["values"]["temp.gpu"] == "31");
      CHECK(one["links"].size() == 18);
    }
    // Records of 16, 24 and (535) 32 bytes.
    const Json& processes = gpu(checked, 2)["processes"];
    REQUIRE(processes.size() == 3);
    CHECK(processes[2]["pid"] == "4323");
    CHECK(processes[2]["memory"] == "1048576");
    CHECK(gpu(checked, 3)["processes"].empty());
    CHECK(nvml["p2p"]["6-7 nvlink"] == "ok");
    CHECK(checked.facts["probes"]["cuda"]["gpus"].size() == 8);
    CHECK(checked.facts["probes"]["outcomes"][0]["state"] == "done");
  }
}

TEST_CASE("check-gpu: one lost GPU of eight leaves seven complete") {
  const TempDir dir;
  const Checked checked = check(dir, "550", "return nvmlDeviceGetHandleByIndex_v2 15 3\n");
  CHECK(gpu(checked, 3)["handle_error"] == 15);
  for (const std::size_t index : {0, 1, 2, 4, 5, 6, 7}) {
    CHECK(gpu(checked, index)["values"]["temp.gpu"] == "31");
  }
  CHECK(finding(checked, "nvml.handles", "fail")["variant"] == "lost");
}

TEST_CASE(
    "check-gpu: a call that never returns is named, and the GPUs behind it are asked all the "
    "same") {
  const TempDir dir;
  const Checked checked = check(dir, "550", "hang nvmlDeviceGetName 3\n", {"--timeout", "2s"});
  CHECK(checked.outcome.exit_code == 15);
  CHECK(checked.outcome.seconds < 10);
  const Json hung = finding(checked, "probe.hung", "fail");
  CHECK(hung["primary"] == true);
  CHECK(hung["scope"] == "0000:4a:00.0");
  CHECK(contains(hung["cause"].dump(), "nvmlDeviceGetName(GPU 3)"));
  for (const std::size_t index : {0, 2, 4, 7}) {
    CHECK(gpu(checked, index)["values"]["temp.gpu"] == "31");
  }
}

TEST_CASE("check-gpu: a library that crashes costs its own answers only") {
  const TempDir dir;
  const Checked checked = check(dir, "550", "crash nvmlDeviceGetVbiosVersion 2\n");
  const Json& outcome = checked.facts["probes"]["outcomes"][0];
  const Json& other = checked.facts["probes"]["outcomes"][1];
  const Json& nvml = outcome["name"] == "nvml" ? outcome : other;
  CHECK(nvml["state"] == "crashed");
  CHECK(nvml["phase"] == "nvmlDeviceGetVbiosVersion(GPU 2)");
  CHECK(contains(nvml["detail"].dump(), "signal 11"));
  CHECK(gpu(checked, 1)["values"]["temp.gpu"] == "31");
  CHECK(checked.facts["probes"]["cuda"]["init_error"] == 0);
  CHECK(finding(checked, "probe.hung", "fail")["variant"] == "crashed");
}

TEST_CASE("check-gpu: a driver that writes more than its header says is noticed, and read") {
  const TempDir dir;
  const Checked checked = check(dir, "550", "scribble nvmlDeviceGetPowerUsage 12 1\n");
  CHECK(checked.facts["probes"]["nvml"]["overruns"] ==
        Json::array({"16 4 nvmlDeviceGetPowerUsage"}));
  CHECK(gpu(checked, 1)["values"]["power.usage_mw"] == "72000");
  const Checked worse = check(dir, "550", "scribble nvmlDeviceGetPowerUsage 16440 1\n");
  CHECK(worse.facts["probes"]["outcomes"][0]["detail"] ==
        "a call wrote outside of the memory it was given");
}

TEST_CASE("check-gpu: \"Unknown Error\" is never said") {
  const TempDir dir;
  const Checked checked = check(dir, "550", "return nvmlInit_v2 999\nreturn cuInit 999\n");
  CHECK(finding(checked, "nvml.init", "")["variant"] == "internal");
  CHECK(!contains(checked.outcome.out, "Unknown Error"));
}

TEST_SUITE_BEGIN("serial");
TEST_CASE(
    "check-gpu: a probe that cannot be killed holds neither the report nor the caller's pipe") {
  const TempDir dir;
  dir.write("script", "hang nvmlInit_v2\n");
  long long soonest = 1 << 20;  // of five: what a busy machine adds is not ours
  for (int i = 0; i < 5; ++i) {
    const Outcome outcome = run_program({"sh", "-c",
                                         R"(cd "$1"; date +%s%3N >begin
            "$2" 3000 "$3" check-gpu --timeout 500ms 2>times | { cat >report; date +%s%3N >cat; }; true)",
                                         "sh", dir.path(), TOOLKIT_GPU_HOLDER, toolkit_path()},
                                        {.env = {{"LD_LIBRARY_PATH", TOOLKIT_GPU_FAKES "/550"},
                                                 {"FAKE_GPU_SCRIPT", dir / "script"}}});
    REQUIRE(outcome.exit_code == 0);
    const auto time_of = [&](const std::string& name) {
      std::ifstream times(dir / "times");
      long long time = 0;
      for (std::string line; std::getline(times, line);) {
        if (line.starts_with(name)) {
          time = std::stoll(line.substr(line.rfind(' ')));
        }
      }
      return time;
    };
    const std::string report = read_file(dir / "report");
    CAPTURE(read_file(dir / "times"));
    CHECK(contains(report, "probe.hung"));
    CHECK(contains(report, "nvmlInit_v2"));
    CHECK(contains(report, "could not be killed"));
    CHECK(time_of("held") > 0);
    CHECK(std::stoll(read_file(dir / "cat")) < time_of("released") - 500);
    soonest = std::min(soonest, time_of("ended") - std::stoll(read_file(dir / "begin")));
  }
  CHECK(soonest <= 500 + 300);
}
TEST_SUITE_END();

TEST_CASE(
    "check-gpu --deep: GPUs are given work, and one that computes wrongly or slowly is found") {
  const TempDir dir;
  const Checked fine = check(dir, "580", "set gpus 4\n", {"--deep"});
  CHECK(fine.facts["probes"]["deep"]["gpus"].size() == 4);
  CHECK(fine.answer["deep"] == Json{{"gpus", fine.facts["probes"]["deep"]["gpus"]}});
  const std::string page = run_toolkit({"check-gpu", "--replay", dir / "capture"}).out;
  CHECK(contains(
      page, "CUDA  to GPU MB/s  to host MB/s  copy MB/s  FMA GFLOP/s  tested bytes  wrong words"));
  CHECK(finding(fine, "burn.memory", "pass").is_object());
  CHECK(finding(fine, "burn.bandwidth", "pass").is_object());
  CHECK(finding(fine, "burn.pcie", "pass").is_object());
  CHECK(finding(fine, "burn.compute", "pass").is_object());
  CHECK(finding(fine, "burn.counters", "pass").is_object());
  const Checked wrong = check(dir, "580",
                              "set gpus 4\nset burn.flip 77 2\nset burn.to_host_mbs 30000 1\n"
                              "set burn.copy_mbs 900000 3\n",
                              {"--deep"});
  const Json memory = finding(wrong, "burn.memory", "fail");
  CHECK(memory["scope"] == "0000:3a:00.0");
  CHECK(contains(memory["cause"].dump(), "at offset 616"));
  CHECK(finding(wrong, "burn.pcie", "fail")["scope"] == "0000:2a:00.0");
  CHECK(finding(wrong, "burn.bandwidth", "fail")["scope"] == "0000:4a:00.0");
  CHECK(finding(wrong, "burn.peers", "fail")["variant"] == "straggler");
  const Checked no_compiler =
      check(dir, "580", "set gpus 1\nreturn cuModuleLoadDataEx 221\n", {"--deep"});
  CHECK(finding(no_compiler, "burn.start", "fail")["variant"] == "no_jit");
  // Without being asked nothing is run.
  const Checked passive = check(dir, "580", "set gpus 1\n");
  CHECK(passive.facts["probes"]["deep"]["ran"] == false);
  CHECK(passive.answer["deep"].is_null());
}

namespace {
std::string word(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string("-");
}

// "burn.compute/wrong hardware 0000:2a:00.0": what the probes have seen here, in a place where all
// else is fine.
std::string primary(const TempDir& dir, const Checked& checked) {
  const auto fixtures = gpu_fixtures();
  const auto fixture = std::ranges::find(fixtures, "gpus_fine", &GpuFixture::name);
  Json place = Json::parse(read_file(fixture->path));
  place["probes"] = checked.facts["probes"];
  dir.write("fine", place.dump());
  const Outcome judged = run_toolkit({"check-gpu", "--json", "--replay", dir / "fine"});
  std::string text;
  const Json answer = Json::parse(judged.out);
  for (const Json& one : answer["findings"]) {
    if (one["primary"] == true) {
      text += word(one["id"]) + "/" + word(one["variant"]) + " " + word(one["owner"]) + " " +
              word(one["scope"]);
    }
  }
  return text;
}
}  // namespace

TEST_CASE(
    "check-gpu --deep: what goes wrong at work is one primary finding, and over within 10 s") {
  const TempDir dir;
  const auto after = [&](const std::string& script) {
    return primary(dir, check(dir, "580", "set gpus 2\n" + script, {"--deep"}));
  };
  CHECK(after("") == "");
  const Checked wrong = check(dir, "580", "set gpus 2\nset burn.wrong_sm 17 1\n", {"--deep"});
  CHECK(primary(dir, wrong) == "burn.compute/wrong hardware 0000:2a:00.0");
  CHECK(contains(finding(wrong, "burn.compute", "fail")["cause"].dump(), "the last on SM 17"));
  CHECK(after("set burn.flip 77 1\n") == "burn.memory/wrong hardware 0000:2a:00.0");
  CHECK(after("set burn.leaves.ecc.volatile_uncorrected 2 1\n") ==
        "burn.counters/uncorrected hardware 0000:2a:00.0");
  CHECK(after("set burn.leaves.pcie.replays 5 1\n") ==
        "burn.counters/replays hardware 0000:2a:00.0");
  CHECK(after("return cuLaunchKernel 719 1\n") == "burn.start/failed hardware 0000:2a:00.0");
  // A GPU that takes work and never ends it.
  const auto begun = std::chrono::steady_clock::now();
  CHECK(after("return cuEventQuery 600 1\n") == "burn.start/failed hardware 0000:2a:00.0");
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(10));
}
