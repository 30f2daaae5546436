#include "tree.hpp"

#include <toolkit/gpu/count.hpp>

#include <doctest/doctest.h>

using toolkit::gpu::count_gpus;
using toolkit::gpu::GpuCount;
using toolkit::support::Tree;

namespace {

using Names = std::vector<std::string>;

// A container with these in /dev and a driver that knows `known` GPUs.
GpuCount count(const Names& devices, int known = 0, const char* visible = nullptr,
               bool in_container = true) {
  Tree tree;
  tree.file("/dev/null", "");
  tree.file("/proc/driver/rtc", "");
  for (const std::string& name : devices) {
    tree.file("/dev/" + name, "");
  }
  for (int i = 0; i < known; ++i) {
    const std::string number = std::to_string(i);
    tree.file("/proc/driver/nvidia/gpus/0000:0" + number + ":00.0/information",
              "GPU UUID: \t GPU-" + number + "aaa\nDevice Minor: \t " + number + "\n");
  }
  if (visible != nullptr) {
    tree.variables["CUDA_VISIBLE_DEVICES"] = visible;
  }
  return count_gpus(tree.options().root, tree.options().variables, in_container);
}

const Names kTwo{"nvidiactl", "nvidia-uvm", "nvidia0", "nvidia1"};

}  // namespace

TEST_CASE("GPUs are counted by their files in /dev, less what CUDA_VISIBLE_DEVICES hides") {
  struct Case {
    const char* visible;
    unsigned count;
  };
  CHECK(count(kTwo, 2).visible == 2);
  CHECK(count(kTwo, 8).visible == 2);
  CHECK(count(kTwo, 8).known == 8);
  CHECK(count(kTwo).visible == 2);
  for (const Case& item :
       {Case{"1", 1}, Case{"0,1", 2}, Case{"0,7,1", 1}, Case{"", 0}, Case{"-1", 0}, Case{"0,0", 0},
        Case{"GPU-1", 1}, Case{"GPU-1,GPU-0", 2}, Case{"GPU-9", 0}}) {
    CAPTURE(item.visible);
    const GpuCount seen = count(kTwo, 2, item.visible);
    CHECK(seen.visible == item.count);
    CHECK(seen.devices == 2);
    CHECK(seen.evidence.find(item.visible) != std::string::npos);
    CHECK(seen.reason.empty());
  }
}

TEST_CASE("no GPU is said where none is seen, and only there") {
  CHECK(count({}).visible == 0);
  CHECK(count({}, 8).visible == 0);
  CHECK(count({}, 8).evidence == "no /dev/nvidiaN of the 8 that the driver knows");
  CHECK_FALSE(count({}, 8, nullptr, false).visible);
  for (const char* other : {"dxg", "kfd", "nvhost-gpu", "nvgpu/igpu0", "dri/renderD128"}) {
    CAPTURE(other);
    CHECK_FALSE(count({other}).visible);
    CHECK_FALSE(count({other}).reason.empty());
  }
  Tree empty;
  CHECK(count_gpus(empty.dir.path(), {}, true).reason == "/dev cannot be listed");
  empty.file("/dev/null", "");
  CHECK(count_gpus(empty.dir.path(), {}, true).reason ==
        "no /dev/nvidiaN, and /proc/driver cannot be seen");
}

TEST_CASE("where files alone cannot tell how many GPUs there are, the reason is said") {
  const Names instance = {"nvidiactl", "nvidia0", "nvidia-caps/nvidia-cap1",
                          "nvidia-caps/nvidia-cap21"};
  const Names monitor = {"nvidiactl", "nvidia0", "nvidia-caps/nvidia-cap1",
                         "nvidia-caps/nvidia-cap2"};
  CHECK(count(monitor, 1).visible == 1);
  for (const GpuCount& unknown : {count({"nvidia0"}, 1), count(kTwo, 1), count(instance, 1),
                                  count(kTwo, 2, "MIG-1"), count(kTwo, 0, "GPU-1")}) {
    CAPTURE(unknown.evidence);
    CHECK_FALSE(unknown.visible);
    CHECK_FALSE(unknown.reason.empty());
    CHECK(unknown.devices > 0);
  }
}
