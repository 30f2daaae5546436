#include <doctest/doctest.h>
#include <src/cgroup/membership.hpp>

using toolkit::cgroup::cgroup_mounts;
using toolkit::cgroup::directory_below;
using toolkit::cgroup::group_path;
using toolkit::cgroup::Mount;

TEST_CASE("our group is found per hierarchy") {
  const char* hybrid =
      "9:name=systemd:/s\n4:cpu,memory:/a:b/c\n1:hugetlb,memory_other:/x\n0::/two\n";
  CHECK(group_path(hybrid, "memory") == "/a:b/c");
  CHECK(group_path(hybrid, "") == "/two");
  CHECK(group_path(hybrid, "cpu") == "/a:b/c");
  CHECK_FALSE(group_path(hybrid, "pids"));
  CHECK_FALSE(group_path("4:memory:/x\n", ""));
  CHECK_FALSE(group_path("", "memory"));
  CHECK_FALSE(group_path("0\n0:\nno colons here\n", ""));
}

TEST_CASE("mounts are found by type and controller, the last first") {
  const char* mountinfo =
      "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
      "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 master:2 - cgroup cgroup rw,memory\n"
      "36 31 0:33 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
      "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
      "50 31 0:32 /a\\040b /mnt/with\\040blank\\134 rw - cgroup cgroup rw,memory\n"
      "broken line\n"
      "1 2 3:4 - cgroup\n";
  const auto memory = cgroup_mounts(mountinfo, "memory");
  REQUIRE(memory.size() == 2);
  CHECK(memory[0].root == "/a b");
  CHECK(memory[0].point == "/mnt/with blank\\");
  CHECK(memory[1].point == "/sys/fs/cgroup/memory");
  const auto unified = cgroup_mounts(mountinfo, "");
  REQUIRE(unified.size() == 1);
  CHECK(unified[0].point == "/sys/fs/cgroup/unified");
}

TEST_CASE("a group's directory is where the mount's root and the path meet") {
  struct Case {
    const char *what, *root, *path, *directory;  // null: not visible
  };
  for (const Case& item : {
           Case{"the host", "/", "/a/b", "/m/a/b"},
           {"the host's root", "/", "/", "/m"},
           {"a container without a namespace", "/docker/x", "/docker/x", "/m"},
           {"a group below a container's", "/docker/x", "/docker/x/y", "/m/y"},
           {"another container's mount", "/docker/x", "/docker/xy", nullptr},
           {"the mount shows something else", "/docker/x", "/", nullptr},
           {"a mount from outside the namespace", "/../..", "/", nullptr},
           {"we and the mount are outside the namespace", "/..", "/../other", "/m/other"},
           {"we are the root of a mount outside", "/../..", "/../..", "/m"},
           {"we are outside and the mount inside", "/", "/../other", nullptr},
           {"above the mount", "/..", "/../../up", nullptr},
           {"dots that are a name", "/", "/..data", "/m/..data"},
       }) {
    CAPTURE(item.what);
    const auto directory = directory_below(Mount{item.root, "/m"}, item.path);
    CHECK(directory ==
          (item.directory == nullptr ? std::nullopt : std::optional<std::string>(item.directory)));
  }
}
