// `toolkit check-gpu` as its users meet it: what it says, in which form, and with which code.
#include "env_run.hpp"

#include <nlohmann/json.hpp>

using namespace toolkit::support;

namespace {

Outcome check_gpu(const Words& options, const Words& variables = {}) {
  return run_clean(variables, Words{"check-gpu"} + options);
}

// A container of docker that nobody has given a GPU.
TempDir& container() {
  static TempDir d;
  if (!file_exists(d / ".dockerenv")) {
    d.write(".dockerenv", "");
    d.write("proc/self/mountinfo", "1 0 0:1 / / rw - overlay overlay rw\n");
    d.write("proc/self/cgroup", "0::/\n");
    d.write("proc/sys/kernel/osrelease", "5.15.0\n");
  }
  return d;
}

}  // namespace

TEST_CASE("check-gpu: the verdict comes first, then the cause, what to do, and what was seen") {
  const Outcome outcome = check_gpu({"--root", container().path()});
  CHECK(outcome.exit_code == 12);
  CHECK(outcome.err.empty());
  const auto lines = lines_of(outcome.out);
  REQUIRE(lines.size() > 5);
  CHECK(lines[0].starts_with("NOT FIT TO TRAIN   1 failure"));
  CHECK(lines[2] == "env.visible  FAIL  owner: runtime");
  CHECK(lines[3] == "  cause: no GPU was requested for this container");
  CHECK(lines[4].starts_with("  do:    start it with `docker run --gpus all`"));
  CHECK(lines[5].starts_with("  seen:  no /dev/nvidiaN; NVIDIA_VISIBLE_DEVICES is not set"));
  CHECK(!contains(outcome.out, "\033["));
}

TEST_CASE(
    "check-gpu: what there was no time to look into is named, with how to have it looked into") {
  const TempDir place;
  place.write(".dockerenv", "");
  place.write("usr/local/cuda-12.4/lib64/libcublas.so.12", std::string(32 << 10, 'x'));
  const Words look{"--root", place.path(), "--verbose"};
  const std::string cut_off = check_gpu(look + Words{"--scan", "0s"}).out;
  CHECK(contains(cut_off,
                 "1 of 1 libraries with GPU code were not looked into, the first "
                 "libcublas.so.12: no time left;\n"));
  CHECK(contains(cut_off, "`--scan 30s` takes the time (image.fatbin)"));
  const std::string looked_into = check_gpu(look + Words{"--scan", "30s"}).out;
  CHECK(contains(looked_into, "libcublas.so.12: not an ELF file"));
  CHECK(!contains(looked_into, "--scan"));
}

TEST_CASE("check-gpu: --quiet is one line, --verbose shows what passed too") {
  const Outcome quiet = check_gpu({"--root", container().path(), "--quiet"});
  CHECK(quiet.out ==
        "NOT FIT TO TRAIN: env.visible, for the runtime: no GPU was requested for this "
        "container\n");
  CHECK(quiet.exit_code == 12);
  const Outcome verbose = check_gpu({"--root", container().path(), "--verbose"});
  CHECK(contains(verbose.out, "env.runtime"));
  CHECK(contains(verbose.out, "pass: docker"));
}

TEST_CASE("check-gpu: a variable that hurts is a warning, with its value") {
  const Outcome outcome =
      check_gpu({"--root", container().path()}, {"NCCL_P2P_DISABLE=1", "CUDA_LAUNCH_BLOCKING=0"});
  CHECK(contains(outcome.out, "env.badvars  WARN  owner: user"));
  CHECK(contains(outcome.out, "seen:  NCCL_P2P_DISABLE=1"));
  CHECK(!contains(outcome.out, "CUDA_LAUNCH_BLOCKING"));
}

TEST_CASE("check-gpu: where no GPU is wanted, none is missed") {
  const Words base{"--root", container().path(), "--expect", "0"};
  const Outcome plain = check_gpu(base + Words{"--quiet"});
  CHECK(!contains(plain.out, "env.visible"));
  CHECK((plain.exit_code == 0 || plain.exit_code > 9));
}

TEST_CASE("check-gpu: --explain tells what a rule asks, and names near ones of a mistyped id") {
  const Outcome outcome = check_gpu({"--explain", "env.visible"});
  CHECK(contains(outcome.out, "Who acts, and how:\n  user: ask for GPUs"));
  CHECK(contains(outcome.out, "\n  runtime: give the container its GPUs"));
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out.starts_with("env.visible: Was a GPU given to this container"));
  CHECK(contains(outcome.out, "\nFrom: "));
  for (const char* id : {"env.visble", "env.", "nonsense"}) {
    CAPTURE(id);
    const Outcome wrong = check_gpu({"--explain", id});
    CHECK(wrong.exit_code == 2);
    CHECK(wrong.out.empty());
    CHECK(contains(wrong.err, "try: "));
  }
  CHECK(contains(check_gpu({"--explain", "env.visble"}).err, "--explain env.visible"));
  for (const std::string& line : lines_of(check_gpu({"--explain", "all"}).out)) {
    const std::string id = line.substr(0, line.find(' '));
    CAPTURE(id);
    CHECK(check_gpu({"--explain", id}).exit_code == 0);
  }
}

TEST_CASE("check-gpu: what is no capture is bad usage, by its place, and a lost one is named") {
  const TempDir d;
  d.write("torn", "{\"schema\": \"toolkit.gpu-facts/1\", \"place\": {\"uid\": \"me\"}}");
  const Outcome torn = check_gpu({"--replay", d / "torn"});
  CHECK(torn.exit_code == 2);
  CHECK(contains(torn.err, "place.uid is not a whole number in range"));
  CHECK(check_gpu({"--replay", d / "none"}).exit_code == 1);
  CHECK(check_gpu({"--root", container().path(), "--capture", d / "no/such/file"}).exit_code == 1);
}

TEST_CASE("check-gpu: nothing of a capture reaches the terminal as a command to it") {
  const TempDir d;
  d.write("hostile",
          "{\"schema\": \"toolkit.gpu-facts/1\", \"place\": {\"runtime\": \"docker\", "
          "\"variables\": {\"NVIDIA_VISIBLE_DEVICES\": \"\\u001b[2J\\u009b2J\\r\\nfit\"}}}");
  for (const Words& options : {Words{}, Words{"--verbose"}, Words{"--quiet"}, Words{"--json"}}) {
    const Outcome outcome = check_gpu(Words{"--replay", d / "hostile"} + options);
    CHECK(outcome.exit_code == 12);
    CHECK(!contains(outcome.out, "\033"));
    CHECK(!contains(outcome.out, "\r"));
    CHECK(!contains(outcome.out, "\nfit"));
  }
}

TEST_CASE("check-gpu: a capture has no secret, and on stdout it takes the answer's place") {
  const Outcome outcome = check_gpu({"--root", container().path(), "--capture", "-"},
                                    {"NVIDIA_API_KEY=hush", "NVIDIA_VISIBLE_DEVICES=void"});
  const auto capture = nlohmann::json::parse(outcome.out, nullptr, false);
  CHECK(capture["schema"] == "toolkit.gpu-facts/1");
  CHECK(capture["place"]["variables"]["NVIDIA_VISIBLE_DEVICES"] == "void");
  CHECK(capture["place"]["variables"]["NVIDIA_API_KEY"] == "***");
  CHECK(!contains(outcome.out, "hush"));
}

TEST_CASE("check-gpu: the GPUs stand in one table, the ways between them in another") {
  const TempDir d;
  d.write("two", R"({"schema": "toolkit.gpu-facts/1", "driver": {"pci": [
    {"address": "0000:1a:00.0", "vendor": 4318, "class_code": 197120, "driver": "nvidia"},
    {"address": "0000:9a:00.0", "vendor": 4318, "class_code": 197120, "driver": "nvidia"}]},
    "probes": {"nvml": {"init_error": 0, "count": 2, "p2p": {"0-1 path": "system"}, "gpus": [
    {"index": 0, "address": "00000000:1A:00.0", "name": "NVIDIA T4", "compute_capability": "7.5",
     "values": {"memory.used": "1073741824", "memory.total": "16106127360", "temp.gpu": "41",
                "power.usage_mw": "26500", "power.limit_mw": "70000", "ecc.mode": "0"}},
    {"index": 1, "handle_error": 15}]}}})");
  const Outcome outcome = check_gpu({"--replay", d / "two"});
  CHECK(contains(outcome.out,
                 "\n  GPU  CUDA  address       name  CC   memory GiB  C   W      ECC\n"
                 "  0    -     0000:1a:00.0  T4    7.5  1.0/15.0    41  26/70  off"));
  CHECK(contains(outcome.out, "\n  1    -     0000:9a:00.0"));
  CHECK(contains(outcome.out, "\n        GPU0  GPU1\n  GPU0  X     SYS\n  GPU1  SYS   X\n"));
  const auto gpus = nlohmann::json::parse(check_gpu({"--replay", d / "two", "--json"}).out)["gpus"];
  REQUIRE(gpus.size() == 2);
  CHECK(gpus[0]["name"] == "NVIDIA T4");
  CHECK(gpus[1]["index"] == 1);
}
