#include "../../../../src/gpu/driver/proc_text.hpp"

#include "../../../../src/gpu/driver/mounts.hpp"

#include <doctest/doctest.h>

using namespace toolkit::gpu;

TEST_CASE("character majors are read, block majors are not, and one major has several names") {
  const auto majors = parse_majors(
      "Character devices:\n  1 mem\n195 nvidia\n195 nvidiactl\n234 nvidia-uvm\n\n"
      "Block devices:\n  8 sd\n");
  REQUIRE(majors.size() == 4);
  CHECK(majors[1] == std::pair<std::string, std::uint32_t>("nvidia", 195));
  CHECK(majors[3] == std::pair<std::string, std::uint32_t>("nvidia-uvm", 234));
}

TEST_CASE("the module's version is found in both flavours' lines") {
  CHECK(version_in("NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.57.02  Tue Jul 13") ==
        "470.57.02");
  CHECK(version_in("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release") ==
        "550.54.15");
  CHECK(version_in("NVRM version: none") == "");
}

TEST_CASE("a GPU's information is read, and a lost GPU's questionable lines are kept as they are") {
  const ProcGpu gpu = parse_information("0000:3b:00.0",
                                        "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 18\n"
                                        "GPU UUID: \t GPU-1\nDevice Minor: \t 3\n"
                                        "GPU Excluded:\t No\n");
  CHECK(gpu.model == "NVIDIA H100 80GB HBM3");
  CHECK(gpu.uuid == "GPU-1");
  CHECK(gpu.minor == 3);
  CHECK(gpu.excluded == "No");
  CHECK(!parse_information("", "Device Minor: 255\n").minor);
}

TEST_CASE("a file's mount is the deepest, and of those the last") {
  const auto mounts = parse_mounts(
      "1 0 0:1 / / rw - overlay overlay rw\n"
      "2 1 8:1 /opt/lib /usr/lib rw master:1 - ext4 /dev/sda1 rw\n"
      "3 1 8:1 /a\\040b /usr/lib/a\\040b ro shared:2 master:1 - ext4 /dev/sda1 ro\n"
      "broken line\n"
      "5 1 0:9 / /usr/lib rw - tmpfs tmpfs rw\n");
  REQUIRE(mounts.size() == 4);
  REQUIRE(mount_of(mounts, "/usr/lib/a b") != nullptr);
  CHECK(mount_of(mounts, "/usr/lib/a b")->line ==
        "/proc/self/mountinfo:3: /a b on /usr/lib/a b, ext4");
  CHECK(mount_of(mounts, "/usr/lib/x")->type == "tmpfs");
  CHECK(mount_of(mounts, "/usr/library")->point == "/");
  CHECK(mount_of({}, "/") == nullptr);
}
