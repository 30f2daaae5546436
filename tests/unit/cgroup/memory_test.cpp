#include <toolkit/cgroup/memory.hpp>

#include <doctest/doctest.h>
#include <tests/support/temp_dir.hpp>

#include <filesystem>

using toolkit::cgroup::MemoryGroup;
using toolkit::support::TempDir;

namespace {

const char* const kMounts =
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

// A v2 machine: our group is /pod/train.
void write_v2(const TempDir& root) {
  root.write("proc/self/cgroup", "0::/pod/train\n");
  root.write("proc/self/mountinfo",
             "41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n");
  root.write("sys/fs/cgroup/cgroup.procs", "");
  root.write("sys/fs/cgroup/pod/memory.max", "max\n");
  root.write("sys/fs/cgroup/pod/train/cgroup.procs", "1\n");
  root.write("sys/fs/cgroup/pod/train/memory.max", "max\n");
  root.write("sys/fs/cgroup/pod/train/memory.peak", "123456\n");
  root.write("sys/fs/cgroup/pod/train/memory.events",
             "low 0\nhigh 0\nmax 31\noom 2\noom_kill 3\noom_group_kill 1\n");
}

// A v1 machine with an empty v2 hierarchy beside it.
void write_hybrid(const TempDir& root) {
  root.write("proc/self/cgroup", "4:memory:/pod/train\n0::/other\n");
  root.write("proc/self/mountinfo", kMounts);
  root.write("sys/fs/cgroup/unified/other/cgroup.procs", "");
  root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  root.write("sys/fs/cgroup/memory/pod/memory.limit_in_bytes", "9223372036854771712\n");
  const std::string group = "sys/fs/cgroup/memory/pod/train/";
  root.write(group + "cgroup.procs", "1\n");
  root.write(group + "memory.limit_in_bytes", "9223372036854771712\n");
  root.write(group + "memory.max_usage_in_bytes", "777\n");
  root.write(group + "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
}

}  // namespace

TEST_CASE("v2: the group, its counters and its peak") {
  const TempDir root;
  write_v2(root);
  const MemoryGroup group = MemoryGroup::find(root.path());
  REQUIRE(group.visible());
  CHECK(group.version2());
  CHECK(group.directory() == root / "sys/fs/cgroup/pod/train");
  REQUIRE(group.oom_counts());
  CHECK(group.oom_counts()->oom_kill == 3);
  CHECK(group.oom_counts()->oom_group_kill == 1);
  CHECK(group.peak_bytes() == 123456);
  CHECK_FALSE(group.limit_bytes());
}

TEST_CASE("v2: the smallest visible limit counts") {
  const TempDir root;
  write_v2(root);
  root.write("sys/fs/cgroup/pod/memory.max", "1048576\n");
  CHECK(MemoryGroup::find(root.path()).limit_bytes() == 1048576);
  root.write("sys/fs/cgroup/pod/train/memory.max", "4096\n");
  CHECK(MemoryGroup::find(root.path()).limit_bytes() == 4096);
}

TEST_CASE("v2: a kernel without group kills in memory.events has had none") {
  const TempDir root;
  write_v2(root);
  root.write("sys/fs/cgroup/pod/train/memory.events", "low 0\noom_kill 5\n");
  CHECK(MemoryGroup::find(root.path()).oom_counts()->oom_kill == 5);
  CHECK(MemoryGroup::find(root.path()).oom_counts()->oom_group_kill == 0);
}

TEST_CASE("v2: counters that cannot be read are unknown, not zero") {
  const TempDir root;
  write_v2(root);
  root.write("proc/self/cgroup", "0::/\n");  // the root group has no memory.events
  const MemoryGroup group = MemoryGroup::find(root.path());
  CHECK(group.visible());
  CHECK_FALSE(group.oom_counts());
  CHECK_FALSE(group.limit_bytes());
  CHECK_FALSE(group.peak_bytes());
}

TEST_CASE("each look reads the counters anew, from the file that was opened first") {
  const TempDir root;
  write_v2(root);
  const MemoryGroup group = MemoryGroup::find(root.path());
  REQUIRE(group.oom_counts());
  root.write("sys/fs/cgroup/pod/train/memory.events", "oom_kill 8\n");
  CHECK(group.oom_counts()->oom_kill == 8);
  std::filesystem::rename(root / "sys/fs/cgroup/pod", root / "sys/fs/cgroup/moved");
  REQUIRE(group.oom_counts());
  CHECK(group.oom_counts()->oom_kill == 8);
}

TEST_CASE("v1 beside v2: the hierarchy with the memory controller wins") {
  const TempDir root;
  write_hybrid(root);
  const MemoryGroup group = MemoryGroup::find(root.path());
  REQUIRE(group.visible());
  CHECK_FALSE(group.version2());
  CHECK(group.directory() == root / "sys/fs/cgroup/memory/pod/train");
  CHECK(group.peak_bytes() == 777);
  CHECK_FALSE(group.limit_bytes());  // the kernel's "unlimited"
}

TEST_CASE("v1: child groups count, and theirs") {
  const TempDir root;
  write_hybrid(root);
  const std::string group = "sys/fs/cgroup/memory/pod/train/";
  root.write(group + "rank0/memory.oom_control", "oom_kill 10\n");
  root.write(group + "rank0/inner/memory.oom_control", "oom_kill 100\n");
  root.write(group + ".hidden/memory.oom_control", "oom_kill 1000\n");
  root.write("sys/fs/cgroup/memory/pod/neighbour/memory.oom_control", "oom_kill 7\n");
  CHECK(MemoryGroup::find(root.path()).oom_counts()->oom_kill == 1112);
}

TEST_CASE("v1: endless child groups are looked at only so far") {
  const TempDir root;
  write_hybrid(root);
  std::string deep = "sys/fs/cgroup/memory/pod/train";
  for (int i = 0; i < 40; ++i) {
    deep += "/d";
    root.write(deep + "/memory.oom_control", "oom_kill 1\n");
  }
  CHECK(MemoryGroup::find(root.path()).oom_counts()->oom_kill == 2 + 16);
}

TEST_CASE("v1: the limit is the smallest, also one above what can be seen") {
  const TempDir root;
  write_hybrid(root);
  root.write("sys/fs/cgroup/memory/pod/memory.limit_in_bytes", "2097152\n");
  CHECK(MemoryGroup::find(root.path()).limit_bytes() == 2097152);
  root.write("sys/fs/cgroup/memory/pod/train/memory.stat",
             "cache 0\nhierarchical_memory_limit 1048576\n");
  CHECK(MemoryGroup::find(root.path()).limit_bytes() == 1048576);
}

TEST_CASE("v1: a kernel that does not count kills is unknown") {
  const TempDir root;
  write_hybrid(root);
  root.write("sys/fs/cgroup/memory/pod/train/memory.oom_control",
             "oom_kill_disable 0\nunder_oom 0\n");
  CHECK_FALSE(MemoryGroup::find(root.path()).oom_counts());
}

TEST_CASE("a group that no mount shows is not visible") {
  const TempDir root;
  CHECK_FALSE(MemoryGroup::find(root.path()).visible());
  write_hybrid(root);
  root.write("proc/self/cgroup", "4:memory:/elsewhere\n0::/other\n");
  const MemoryGroup group = MemoryGroup::find(root.path());
  CHECK_FALSE(group.visible());
  CHECK_FALSE(group.oom_counts());
  CHECK_FALSE(group.limit_bytes());
  CHECK_FALSE(group.peak_bytes());
}

TEST_CASE("a mount that covers another is looked at first") {
  const TempDir root;
  write_v2(root);
  root.write("proc/self/mountinfo",
             "41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
             "42 31 0:38 /pod/train /inside rw - cgroup2 cgroup2 rw\n");
  root.write("inside/cgroup.procs", "1\n");
  CHECK(MemoryGroup::find(root.path()).directory() == root / "inside");
}

TEST_CASE("a group can be opened by the directory of a record") {
  const TempDir root;
  write_v2(root);
  write_hybrid(root);
  const MemoryGroup two = MemoryGroup::at(root / "sys/fs/cgroup/pod/train");
  CHECK(two.version2());
  CHECK(two.oom_counts()->oom_kill == 3);
  const MemoryGroup one = MemoryGroup::at(root / "sys/fs/cgroup/memory/pod/train");
  CHECK_FALSE(one.version2());
  CHECK(one.oom_counts()->oom_kill == 2);
  CHECK_FALSE(MemoryGroup::at(root / "gone").visible());
  CHECK_FALSE(MemoryGroup::at("").visible());
}
