// The forms of drv.mismatch, from made-up trees through the collector to the finding.
#include "../../../src/gpu/collectors.hpp"
#include "../gpu/driver/loader_cache_bytes.hpp"
#include "../gpu/driver/tree.hpp"
#include "judged.hpp"

#include <doctest/doctest.h>

using namespace toolkit;
using support::judge;
using support::judged;
using support::Tree;

namespace {

constexpr const char* kOld = "550.54.15";
constexpr const char* kNew = "550.90.07";
constexpr const char* kLib = "/usr/lib64";

/// A container whose kernel module is of `kernel`, and what the test adds to it.
struct Place : Tree {
  std::string kernel, runtime = "docker", injection = "legacy";

  explicit Place(std::string version) : kernel(std::move(version)) {}

  void proc(const std::string& version, bool copied) {
    file("/proc/driver/nvidia/version",
         "NVRM version: NVIDIA UNIX x86_64 Kernel Module  " + version + "  Tue\n");
    if (copied) {
      mount("20 2 0:9 / /proc/driver/nvidia ro - tmpfs tmpfs ro");
    }
  }
  void mounted(const std::string& directory, const std::string& name, const std::string& version) {
    library(directory, name, version);
    const std::string path = directory + "/" + name + ".so." + version;
    mount("30 1 8:1 " + path + " " + path + " ro,nosuid,nodev - ext4 /dev/sda1 ro");
  }
  /// All that libcuda needs, put there as NVIDIA's runtime does it.
  void injected(const std::string& version) {
    for (const char* name : {"libcuda", "libnvidia-ml", "libnvidia-ptxjitcompiler"}) {
      mounted(kLib, name, version);
    }
  }
  [[nodiscard]] gpu::Facts facts() {
    file("/dev/nvidia0", "");
    gpu::Facts facts;
    facts.driver = gpu::read_driver(options());
    facts.driver.ioctl_version = kernel;
    facts.driver.module_loaded = true;
    facts.place.runtime = runtime;
    facts.place.injection = injection;
    for (const auto& [name, value] : variables) {
      facts.place.variables[name] = value;
    }
    return facts;
  }
  [[nodiscard]] std::string form() { return judged(facts(), "drv.mismatch"); }
};

}  // namespace

TEST_CASE("libraries and module of one version agree") {
  Place place(kNew);
  place.proc(kNew, true);
  place.injected(kNew);
  CHECK(place.form() == "pass");
}

TEST_CASE("form 1: the node was upgraded under a running container, whose /proc is a stale copy") {
  Place place(kNew);
  place.proc(kOld, true);
  place.injected(kOld);
  const gpu::Facts facts = place.facts();
  const auto finding = judge(facts, "drv.mismatch").at(0);
  CHECK(support::in_short(finding) == "fail/stale_container runtime");
  CHECK(finding.cause.find("550.54.15") != std::string::npos);
  CHECK(finding.evidence.at(1) == "ioctl 0xC04846D2 on /dev/nvidiactl: 550.90.07");
  CHECK(finding.evidence.at(2) ==
        "/proc/driver/nvidia/version, a copy of the container's start: 550.54.15");
  SUBCASE("the same without the ioctl, by /sys") {
    gpu::Facts by_sysfs = facts;
    by_sysfs.driver.ioctl_version.clear();
    by_sysfs.driver.sysfs_version = kNew;
    CHECK(judged(by_sysfs, "drv.mismatch") == "fail/stale_container runtime");
  }
  SUBCASE("the copy alone proves nothing") {
    gpu::Facts blind = facts;
    blind.driver.ioctl_version.clear();
    CHECK(judged(blind, "drv.mismatch") == "unknown");
  }
  SUBCASE("under CDI, where /proc is the machine's own") {
    gpu::Facts cdi = facts;
    cdi.driver.proc_version = kNew;
    cdi.driver.proc_copied = false;
    cdi.place.injection = "cdi";
    CHECK(judged(cdi, "drv.mismatch") == "fail/stale_container runtime");
  }
}

TEST_CASE("form 2: the node's packages were upgraded and the old module is still loaded") {
  Place place(kOld);
  place.proc(kOld, true);
  place.injected(kNew);
  CHECK(place.form() == "fail/host_upgraded node");
  place.runtime = "none";
  place.mountinfo = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";
  place.file("/var/log/apt/history.log",
             "Start-Date: 2024-06-04  06:41:12\nCommandline: /usr/bin/unattended-upgrade\n"
             "Upgrade: libnvidia-compute-550:amd64 (550.54.15-0ubuntu1, 550.90.07-0ubuntu1)\n");
  place.file("/run/reboot-required", "");
  const auto finding = judge(place.facts(), "drv.mismatch").at(0);
  CHECK(support::in_short(finding) == "fail/host_upgraded node");
  CHECK(finding.cause.find("upgraded on 2024-06-04 06:41:12") != std::string::npos);
  CHECK(finding.evidence.back() == "/run/reboot-required is there");
}

TEST_CASE("form 3: several versions side by side, and the wrong one wins") {
  Place place(kOld);
  place.injected(kOld);
  place.mounted("/usr/local/nvidia/lib64", "libcuda", kNew);
  place.variables["LD_LIBRARY_PATH"] = "/usr/local/nvidia/lib64";
  CHECK(place.form() == "fail/several runtime");
  place.runtime = "none";
  place.mountinfo.clear();
  CHECK(place.form() == "fail/several node");
  place.variables.clear();  // the right one wins, today
  place.file("/usr/lib64/libcuda.so.550.90.07", "fake");
  CHECK(place.form() == "warn/several runtime");
}

TEST_CASE("form 4: driver packages baked into the image") {
  Place place(kNew);
  place.library(kLib, "libcuda", kOld);
  place.library(kLib, "libnvidia-ml", kOld);
  CHECK(place.form() == "fail/baked_in image");
  // ldconfig has linked to the image's, since it is the highest; the runtime's lies beside it.
  Place both(kOld);
  both.library(kLib, "libcuda", kNew);
  both.file("/usr/lib64/libcuda.so.550.54.15", "fake");
  both.mount("30 1 8:1 /l /usr/lib64/libcuda.so.550.54.15 ro - ext4 /dev/sda1 ro");
  CHECK(both.form() == "fail/baked_in image");
}

TEST_CASE("form 5: empty driver files from an image built under NVIDIA's runtime") {
  Place place(kNew);
  place.library(kLib, "libcuda", kOld, "");
  CHECK(place.form() == "fail/zero_byte image");
  Place left(kNew);
  left.injected(kNew);
  left.file("/usr/lib64/libcuda.so.470.57.02", "");
  CHECK(left.form() == "warn/zero_byte image");
}

TEST_CASE("form 6: a volume with another driver's files") {
  Place place(kNew);
  place.proc(kNew, true);
  place.library("/usr/local/nvidia/lib64", "libcuda", kOld);
  place.mount("30 1 8:1 /opt/nvidia-old /usr/local/nvidia ro - ext4 /dev/sda1 ro");
  place.variables["LD_LIBRARY_PATH"] = "/usr/local/nvidia/lib64";
  CHECK(place.form() == "fail/wrong_mount runtime");
  Place file(kNew);  // a single file, in a container whose copy of /proc is of the right driver
  file.proc(kNew, true);
  file.injected(kOld);
  CHECK(file.form() == "fail/wrong_mount runtime");
}

TEST_CASE("form 7: a stub first on the path") {
  Place place(kNew);
  place.injected(kNew);
  place.file("/usr/local/cuda/lib64/stubs/libcuda.so.1", "stub");
  CHECK(place.form() == "pass");
  place.variables["LD_LIBRARY_PATH"] = "/usr/local/cuda/lib64/stubs";
  CHECK(place.form() == "fail/stub user");
  place.variables.clear();
  gpu::Facts facts = place.facts();
  facts.probes.cuda.init_error = 34;
  CHECK(judged(facts, "drv.mismatch") == "fail/stub image");
}

TEST_CASE("form 8: a forward-compatibility libcuda is meant to differ") {
  Place place(kOld);
  place.injected(kOld);
  place.library("/usr/local/cuda/compat", "libcuda", "560.35.03");
  place.variables["LD_LIBRARY_PATH"] = "/usr/local/cuda/compat";
  CHECK(place.form() == "pass/compat");
  place.kernel = kNew;  // libnvidia-ml is still judged
  CHECK(place.form().starts_with("fail/"));
  Place mounted(kOld);  // as libnvidia-container does it: the image's file over the library
  mounted.mounted(kLib, "libnvidia-ml", kOld);
  mounted.library(kLib, "libcuda", "560.35.03");
  mounted.mount(
      "30 1 0:1 /usr/local/cuda-12.6/compat/libcuda.so.560.35.03 "
      "/usr/lib64/libcuda.so.560.35.03 ro - overlay overlay ro");
  CHECK(mounted.form() == "pass/compat");
}

TEST_CASE("form 9: a library where the loader does not look") {
  Place place(kNew);
  place.mounted("/usr/local/nvidia/lib64", "libcuda", kNew);
  const auto finding = judge(place.facts(), "drv.mismatch").at(0);
  CHECK(support::in_short(finding) == "fail/not_found runtime");
  CHECK(finding.remedy.starts_with("export LD_LIBRARY_PATH=/usr/local/nvidia/lib64$"));
  SUBCASE("musl has no cache, and could not use it") {
    place.file("/lib/ld-musl-x86_64.so.1", "fake");
    place.file("/lib/ld-musl-aarch64.so.1", "fake");
    CHECK(place.form() == "fail/musl image");
  }
}

TEST_CASE("nothing, a link to nothing, and sets of several drivers are told apart") {
  Place nothing(kNew);
  CHECK(nothing.form() == "fail/absent runtime");
  Place dangling(kNew);
  dangling.link("/usr/lib64/libcuda.so.1", "libcuda.so.470.57.02");
  CHECK(dangling.form() == "fail/dangling image");
  Place partial(kNew);
  partial.mounted(kLib, "libcuda", kNew);
  CHECK(partial.form() == "warn/no_jit runtime");
  partial.library(kLib, "libnvidia-ptxjitcompiler", kOld);
  CHECK(partial.form() == "fail/partial image");
  Place mixed(kNew);
  mixed.injected(kNew);
  mixed.mounted(kLib, "libnvidia-nvvm", kOld);
  CHECK(mixed.form() == "fail/partial runtime");
}

TEST_CASE("on the machine itself libraries may be the older ones") {
  Place place(kNew);
  place.runtime = "none";
  place.library(kLib, "libcuda", kOld);
  CHECK(place.form() == "fail/old_libraries node");
}

TEST_CASE("without a sign of NVIDIA nothing is said of its driver") {
  gpu::Facts facts;
  CHECK(judged(facts, "drv.mismatch") == "");
  CHECK(judged(facts, "drv.loaded") == "skip");
  facts.place.variables["NVIDIA_VISIBLE_DEVICES"] = "all";
  CHECK(judged(facts, "drv.mismatch") == "fail/absent runtime");
}
