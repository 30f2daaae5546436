#include <doctest/doctest.h>
#include <src/probe/memory.hpp>
#include <tests/support/drive_probe.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/unit/probe/typed.hpp>

using namespace toolkit::support;
using toolkit::probe::available_memory;
using toolkit::probe::make_memory;
using toolkit::probe::Reason;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;

// A machine with 8 GiB available.
void write_machine(const TempDir& root, const std::string& cgroup, const std::string& mountinfo) {
  root.write("proc/meminfo", "MemTotal:       16777216 kB\nMemAvailable:    8388608 kB\n");
  root.write("proc/self/cgroup", cgroup);
  root.write("proc/self/mountinfo", mountinfo);
}

void write_v2(const TempDir& root, const std::string& group, const std::string& limit,
              std::uint64_t used, std::uint64_t inactive) {
  const std::string directory = "sys/fs/cgroup" + group;
  root.write(directory + "/cgroup.procs", "1\n");
  root.write(directory + "/memory.max", limit + "\n");
  root.write(directory + "/memory.current", std::to_string(used) + "\n");
  root.write(directory + "/memory.stat",
             "anon 1\nactive_file 7\ninactive_file " + std::to_string(inactive) + "\n");
}

constexpr const char* kMountV2 = "30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";

}  // namespace

TEST_CASE("the limit of a v2 group counts, less what it cannot easily give back") {
  const TempDir root;
  write_machine(root, "0::/pod/main\n", kMountV2);
  root.write("sys/fs/cgroup/cgroup.procs", "");
  write_v2(root, "/pod", "max", 0, 0);
  write_v2(root, "/pod/main", std::to_string(1024 * kMiB), 700 * kMiB, 500 * kMiB);
  const auto available = available_memory(root.path());
  REQUIRE(available);
  CHECK(available->machine == 8192 * kMiB);
  CHECK(available->group == 824 * kMiB);
  CHECK(available->group_visible);
}

TEST_CASE("a tighter limit above counts with what is used there") {
  const TempDir root;
  write_machine(root, "0::/pod/main\n", kMountV2);
  write_v2(root, "/pod", std::to_string(512 * kMiB), 500 * kMiB, 0);
  write_v2(root, "/pod/main", std::to_string(1024 * kMiB), 100 * kMiB, 0);
  CHECK(available_memory(root.path())->group == 12 * kMiB);
  write_v2(root, "/pod", std::to_string(512 * kMiB), 600 * kMiB, 0);
  CHECK(available_memory(root.path())->group == 0);
}

TEST_CASE("v1 groups have other names, and a number for no limit") {
  const TempDir root;
  write_machine(root, "5:memory:/job\n",
                "30 20 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  const auto write = [&](const std::string& limit) {
    root.write("sys/fs/cgroup/memory/job/cgroup.procs", "1\n");
    root.write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", limit + "\n");
    root.write("sys/fs/cgroup/memory/job/memory.usage_in_bytes", std::to_string(300 * kMiB));
    root.write("sys/fs/cgroup/memory/job/memory.stat",
               "inactive_file 1\ntotal_inactive_file " + std::to_string(100 * kMiB) + "\n");
  };
  write(std::to_string(1024 * kMiB));
  CHECK(available_memory(root.path())->group == 824 * kMiB);
  write("9223372036854771712");
  CHECK(available_memory(root.path())->group == 8192 * kMiB);
}

TEST_CASE("a group that cannot be seen is not a group without a limit") {
  const TempDir root;
  write_machine(root, "0::/pod\n", "");
  const auto available = available_memory(root.path());
  REQUIRE(available);
  CHECK_FALSE(available->group_visible);
  CHECK(available->machine == 8192 * kMiB);
  const TempDir empty;
  CHECK_FALSE(available_memory(empty.path()));
  empty.write("proc/meminfo", "MemTotal: 1 kB\n");
  CHECK(available_memory(empty.path()).error() == "/proc/meminfo has no MemAvailable");
}

TEST_CASE("memory: of this machine") {
  const auto available = available_memory();
  REQUIRE(available);
  CHECK(available->machine > 0);
  const auto much = attempt(*typed_probe(make_memory, "memory:1000000T"));
  CHECK_FALSE(much.met);
  CHECK(much.reason == Reason::not_yet);
  CHECK(much.words.find(", wanted ") != std::string::npos);
  const auto little = attempt(*typed_probe(make_memory, "memory:1K"));
  CHECK(little.met == available->group_visible);
}

TEST_CASE("memory: mistakes have their place") {
  CHECK(typed_mistake(make_memory, "memory:lots").ends_with("\nlots"));
  CHECK(typed_mistake(make_memory, "memory:8G free>1") == "memory: has no 'free'\nfree");
}
