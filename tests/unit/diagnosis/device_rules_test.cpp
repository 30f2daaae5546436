#include "judged.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using namespace toolkit;
using support::judge;
using support::judged;

namespace {

gpu::PciDevice gpu_at(const std::string& address, std::uint32_t device, const std::string& driver) {
  gpu::PciDevice found;
  found.address = address;
  found.vendor = 0x10de;
  found.device = device;
  found.class_code = 0x30200;
  found.driver = driver;
  return found;
}

/// Two GPUs that work, in a container.
gpu::Facts healthy() {
  gpu::Facts facts;
  facts.place.runtime = "docker";
  gpu::DriverFacts& driver = facts.driver;
  driver.module_loaded = true;
  driver.module_state = "live";
  driver.sysfs_version = "550.54.15";
  driver.majors = {{"nvidia", 195}, {"nvidiactl", 195}, {"nvidia-uvm", 508}};
  driver.nodes = {{"/dev/nvidiactl", true, 0666, 0, 0, 195, 255, 0},
                  {"/dev/nvidia0", true, 0666, 0, 0, 195, 0, 0},
                  {"/dev/nvidia1", true, 0666, 0, 0, 195, 1, 0},
                  {"/dev/nvidia-uvm", true, 0666, 0, 0, 508, 0, 0}};
  driver.pci = {gpu_at("0000:3b:00.0", 0x2330, "nvidia"), gpu_at("0000:3c:00.0", 0x2330, "nvidia")};
  driver.proc_gpus = {{"0000:3b:00.0", "H100", "GPU-0", "No", 0},
                      {"0000:3c:00.0", "H100", "GPU-1", "No", 1}};
  driver.proc_version_line = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue";
  return facts;
}

void refuse(gpu::Facts& facts, int error, std::initializer_list<int> which) {
  for (const int i : which) {
    facts.driver.nodes.at(static_cast<std::size_t>(i)).open_error = error;
  }
}

}  // namespace

TEST_CASE("a healthy place passes every rule of its devices") {
  const gpu::Facts facts = healthy();
  for (const char* id : {"drv.loaded", "drv.flavour", "dev.major", "dev.cgroup", "dev.nodes",
                         "dev.uvm", "dev.foreign"}) {
    CHECK_MESSAGE(judged(facts, id) == "pass", id);
  }
}

TEST_CASE("a driver that is not loaded names who holds the GPU instead") {
  gpu::Facts facts = healthy();
  facts.driver.module_loaded = false;
  const auto with = [&](const char* driver) {
    facts.driver.pci[0].driver = driver;
    return judged(facts, "drv.loaded");
  };
  CHECK(with("") == "fail/not_loaded node");
  CHECK(with("nouveau") == "fail/nouveau node");
  CHECK(with("vfio-pci") == "fail/vfio node");
  facts.driver.ioctl_version = "550.54.15";  // who answers is loaded, whatever can be seen
  CHECK(with("") == "pass");
  facts.driver.ioctl_version.clear();
  facts.driver.module_loaded.reset();
  CHECK(with("") == "unknown");
  facts = healthy();
  facts.driver.module_loaded = false;
  facts.driver.pci.clear();
  CHECK(judged(facts, "drv.loaded") == "fail/no_gpu runtime");
}

TEST_CASE("a loaded driver may not be ready, or not hold a GPU") {
  gpu::Facts facts = healthy();
  facts.driver.module_state = "coming";
  CHECK(judged(facts, "drv.loaded") == "fail/not_live node");
  facts = healthy();
  facts.driver.pci[1].driver = "";
  CHECK(judged(facts, "drv.loaded") == "warn/unbound node 0000:3c:00.0, pass");
  facts.driver.pci[1].driver = "vfio-pci";  // set aside, and another GPU is at work
  CHECK(judged(facts, "drv.loaded") == "pass");
  facts.driver.pci[0].driver = "";
  facts.driver.proc_gpus.clear();
  CHECK(judged(facts, "drv.loaded") == "fail/unbound node");
}

TEST_CASE("the flavour of the modules fits the generation of each GPU") {
  struct Row {
    std::uint32_t device;
    const char *proprietary, *open;
  };
  for (const Row& row : {Row{0x102d, "pass", "fail/needs_proprietary node 0000:3b:00.0"},  // K80
                         Row{0x1db1, "pass", "fail/needs_proprietary node 0000:3b:00.0"},  // V100
                         Row{0x1eb8, "pass", "pass"},                                      // T4
                         Row{0x20b0, "pass", "pass"},                                      // A100
                         Row{0x2330, "pass", "pass"},                                      // H100
                         Row{0x2342, "fail/needs_open node 0000:3b:00.0", "pass"},         // GH200
                         Row{0x26b1, "pass", "pass"},                                      // Ada
                         Row{0x2901, "fail/needs_open node 0000:3b:00.0", "pass"},         // B200
                         Row{0x2b85, "fail/needs_open node 0000:3b:00.0", "pass"},         // 5090
                         Row{0x3182, "fail/needs_open node 0000:3b:00.0", "pass"}}) {      // B300
    CAPTURE(row.device);
    gpu::Facts facts = healthy();
    facts.driver.pci = {gpu_at("0000:3b:00.0", row.device, "nvidia")};
    CHECK(judged(facts, "drv.flavour") == row.proprietary);
    facts.driver.proc_version_line =
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.26  Release";
    CHECK(judged(facts, "drv.flavour") == row.open);
  }
}

TEST_CASE("a file with another major or minor is of a driver that was loaded before") {
  gpu::Facts facts = healthy();
  facts.driver.nodes[3].major = 511;
  CHECK(judged(facts, "dev.major") == "fail/stale runtime");
  CHECK(judge(facts, "dev.major")[0].evidence[0] ==
        "/dev/nvidia-uvm is 511:0, the driver has 508:0");
  facts = healthy();
  facts.driver.nodes[2].minor = 3;
  CHECK(judged(facts, "dev.major") == "fail/stale runtime");
  facts = healthy();
  facts.driver.majors.clear();
  CHECK(judged(facts, "dev.major") == "");
}

TEST_CASE("EPERM on everything is a device cgroup that was rewritten") {
  gpu::Facts facts = healthy();
  refuse(facts, EPERM, {0, 1, 2, 3});
  facts.driver.cgroup_device_rules = {"c 1:3 rwm"};
  const auto finding = judge(facts, "dev.cgroup").at(0);
  CHECK(support::in_short(finding) == "fail/lost runtime");
  CHECK(finding.remedy.find("systemctl daemon-reload") != std::string::npos);
  CHECK(finding.evidence.back() == "devices.list of our cgroup has no line for major 195");
  const diagnosis::Expectations expect;
  const auto verdict = diagnosis::diagnose(diagnosis::all_rules(), {facts, expect});
  REQUIRE(verdict.primary() != nullptr);
  CHECK(verdict.primary()->id == "dev.cgroup");
}

TEST_CASE("EPERM on some GPUs warns, and an excluded GPU is no matter of the cgroup") {
  gpu::Facts facts = healthy();
  refuse(facts, EPERM, {2});
  CHECK(judged(facts, "dev.cgroup") == "warn/some runtime");
  facts.driver.proc_gpus[1].excluded = "Yes";
  CHECK(judged(facts, "dev.cgroup") == "pass");
  CHECK(judged(facts, "dev.foreign") == "warn/excluded node 0000:3c:00.0, pass");
  facts = healthy();
  refuse(facts, EPERM, {1, 2});
  CHECK(judged(facts, "dev.cgroup") == "fail/lost runtime");
}

TEST_CASE("the errno of a device file is its diagnosis, and one GPU does not condemn the others") {
  struct Row {
    int error;
    const char* finding;
  };
  for (const Row& row :
       {Row{EIO, "fail/lost hardware 0000:3c:00.0"},
        Row{ENODEV, "fail/no_device node 0000:3c:00.0"},
        Row{ENXIO, "fail/no_device node 0000:3c:00.0"}, Row{EBUSY, "fail/busy node 0000:3c:00.0"},
        Row{EISDIR, "fail/directory runtime 0000:3c:00.0"},
        Row{EACCES, "fail/refused runtime 0000:3c:00.0"},
        Row{ENOMEM, "fail/error node 0000:3c:00.0"}}) {
    CAPTURE(row.error);
    gpu::Facts facts = healthy();
    refuse(facts, row.error, {2});
    CHECK(judged(facts, "dev.nodes") == row.finding + std::string(", pass"));
  }
}

TEST_CASE("a file's mode is blamed only when it forbids us") {
  gpu::Facts facts = healthy();
  refuse(facts, EACCES, {0, 1, 2});
  facts.place.uid = 1000;
  CHECK(judged(facts, "dev.nodes").starts_with("fail/refused runtime"));
  for (auto& node : facts.driver.nodes) {
    node.mode = 0660;
    node.gid = 44;
  }
  const auto finding = judge(facts, "dev.nodes").at(0);
  CHECK(support::in_short(finding) == "fail/mode runtime");
  CHECK(finding.remedy.find("--group-add 44") != std::string::npos);
}

TEST_CASE("missing files tell who must bring them") {
  gpu::Facts facts = healthy();
  facts.driver.nodes[0].exists = false;
  CHECK(judged(facts, "dev.nodes").starts_with("fail/no_control runtime"));
  facts.driver.nodes.resize(1);
  CHECK(judged(facts, "dev.nodes") == "fail/absent runtime");
  facts.place.runtime = "none";
  CHECK(judged(facts, "dev.nodes") == "fail/absent node");
}

TEST_CASE("a plain file in place of a device opens, and is none") {
  gpu::Facts facts = healthy();
  facts.driver.nodes[1].major.reset();
  CHECK(judged(facts, "dev.nodes") == "fail/plain_file runtime, pass");
}

TEST_CASE("files that nobody opened never pass") {
  gpu::Facts facts = healthy();
  for (auto& node : facts.driver.nodes) {
    node.open_error.reset();
  }
  CHECK(judged(facts, "dev.cgroup") == "unknown");
  CHECK(judged(facts, "dev.nodes") == "unknown");
  CHECK(judged(facts, "dev.uvm") == "unknown");
}

TEST_CASE("without nvidia-uvm it is told whether the module or only the file is missing") {
  gpu::Facts facts = healthy();
  facts.driver.nodes[3].exists = false;
  CHECK(judged(facts, "dev.uvm") == "fail/absent runtime");
  facts.driver.majors.pop_back();
  CHECK(judged(facts, "dev.uvm") == "fail/not_loaded node");
  facts = healthy();
  refuse(facts, EPERM, {3});
  CHECK(judged(facts, "dev.uvm") == "fail/cgroup runtime");
  refuse(facts, EIO, {3});
  CHECK(judged(facts, "dev.uvm") == "fail/error node");
}

TEST_CASE("WSL and Jetson have another driver, of which these rules say nothing") {
  gpu::Facts facts = healthy();
  facts.place.runtime = "wsl2";
  CHECK(judged(facts, "drv.loaded") == "skip");
  for (const char* id : {"drv.flavour", "dev.cgroup", "dev.nodes", "dev.uvm", "drv.mismatch"}) {
    CHECK(judged(facts, id) == "");
  }
}
