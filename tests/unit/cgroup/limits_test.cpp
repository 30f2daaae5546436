// Small trees of each kind that automaxprocs, automemlimit and the JDK keep among their tests, made
// anew: which hierarchy, which group, which limit, and whose.
#include "tree.hpp"

#include <toolkit/cgroup/limits.hpp>

#include <doctest/doctest.h>

using toolkit::cgroup::CpuTime;
using toolkit::cgroup::Limit;
using toolkit::cgroup::Limits;
using toolkit::cgroup::parse_cpu_list;
using toolkit::cgroup::read_limits;
using toolkit::support::TempDir;
using toolkit::support::Tree;

namespace {

using Cpu = Limit<CpuTime>::State;
using Bytes = Limit<std::uint64_t>::State;

const char* const kUnified =
    "41 31 0:38 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
const char* const kMounts1 =
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:7 - cgroup cgroup rw,cpu,cpuacct\n"
    "34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "36 31 0:33 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n";
const char* const kMember1 =
    "6:pids:/pod/train\n5:memory:/pod/train\n4:cpuset:/pod/train\n"
    "3:cpu,cpuacct:/pod/train\n1:name=systemd:/pod/train\n";
const char* const kUnlimited1 = "9223372036854771712";

Tree two_levels() { return {"0::/pod/train\n", kUnified}; }

}  // namespace

TEST_CASE("v2: the tightest quota of all ancestors, with its group") {
  struct Case {
    const char *what, *outer, *inner;
    Cpu state;
    double cpus;
    const char* directory;
  };
  for (const Case& item : {
           Case{"none", "max 100000", "max 100000", Cpu::unlimited, 0, ""},
           {"ours", "max 100000", "250000 100000", Cpu::set, 2.5, "/sys/fs/cgroup/pod/train"},
           {"an ancestor's", "150000 100000", "max 100000", Cpu::set, 1.5, "/sys/fs/cgroup/pod"},
           {"an ancestor is tighter", "150000 100000", "250000 100000", Cpu::set, 1.5,
            "/sys/fs/cgroup/pod"},
           {"other periods", "100000 50000", "190000 100000", Cpu::set, 1.9,
            "/sys/fs/cgroup/pod/train"},
           {"a third and a little more", "1000 3000", "33334 100000", Cpu::set, 1.0 / 3,
            "/sys/fs/cgroup/pod"},
           {"no period is a period of 100 ms", "max 100000", "50000", Cpu::set, 0.5,
            "/sys/fs/cgroup/pod/train"},
           {"no number", "max 100000", "fast 100000", Cpu::unknown, 0, ""},
           {"no period", "max 100000", "50000 x", Cpu::unknown, 0, ""},
           {"a period of nothing", "max 100000", "50000 0", Cpu::unknown, 0, ""},
           {"three words", "max 100000", "1 2 3", Cpu::unknown, 0, ""},
           {"an empty file", "max 100000", "", Cpu::unknown, 0, ""},
       }) {
    CAPTURE(item.what);
    Tree tree = two_levels();
    tree.root_v2("/sys/fs/cgroup")
        .group_v2("/sys/fs/cgroup/pod", {{"cpu.max", item.outer}})
        .group_v2("/sys/fs/cgroup/pod/train", {{"cpu.max", item.inner}});
    const auto quota = read_limits(tree.path()).cpu.quota;
    CHECK(quota.state == item.state);
    CHECK(quota.directory == item.directory);
    if (quota.state == Cpu::set) {
      CHECK(quota.value.cpus() == doctest::Approx(item.cpus));
    }
  }
}

TEST_CASE("v2: what else the groups say") {
  Tree tree = two_levels();
  tree.root_v2("/sys/fs/cgroup")
      .group_v2("/sys/fs/cgroup/pod", {{"memory.max", "8589934592"},
                                       {"memory.swap.max", "0"},
                                       {"pids.max", "512"},
                                       {"hugetlb.2MB.max", "4194304"}})
      .group_v2("/sys/fs/cgroup/pod/train",
                {{"memory.max", "max"},
                 {"memory.high", "4294967296"},
                 {"memory.swap.max", "max"},
                 {"memory.current", "1000"},
                 {"memory.peak", "2000"},
                 {"memory.swap.current", "3"},
                 {"memory.low", "0"},
                 {"memory.min", "77"},
                 {"memory.stat", "anon 5\nfile 600\nkernel 7"},
                 {"memory.events", "low 0\nmax 3\noom 1\noom_kill 2"},
                 {"cpu.weight", "39"},
                 {"cpu.idle", "0"},
                 {"cpu.stat", "usage_usec 9\nnr_periods 10\nnr_throttled 4\nthrottled_usec 5000"},
                 {"cpuset.cpus.effective", "0-3,8"},
                 {"cpuset.mems.effective", "0"},
                 {"pids.max", "1000"},
                 {"pids.current", "12"},
                 {"hugetlb.2MB.max", "max"},
                 {"hugetlb.2MB.current", "2097152"},
                 {"cpu.pressure", "some avg10=1.50 avg60=0.00 avg300=0.00 total=1"},
                 {"memory.pressure", "some avg10=2.00 avg60=0 total=1\nfull avg10=0.25 total=0"}});
  const Limits limits = read_limits(tree.path());
  CHECK(limits.layout == Limits::Layout::v2);
  CHECK(limits.troubles.empty());
  CHECK(limits.memory.group.version == 2);
  CHECK_FALSE(limits.memory.group.hidden_above);
  CHECK(limits.memory.hard.value == 8589934592);
  CHECK(limits.memory.hard.directory == "/sys/fs/cgroup/pod");
  CHECK(limits.memory.hard.reason.empty());
  CHECK(limits.memory.high.value == 4294967296);
  CHECK(limits.memory.swap.state == Bytes::set);
  CHECK(limits.memory.swap.value == 0);
  CHECK(limits.memory.usage == 1000);
  CHECK(limits.memory.peak == 2000);
  CHECK(limits.memory.swap_usage == 3);
  CHECK(limits.memory.cache == 600);
  CHECK(limits.memory.request == 77);
  CHECK(limits.memory.oom_kills == 2);
  CHECK(limits.cpu.weight == 39);
  CHECK_FALSE(limits.cpu.shares);
  CHECK(limits.cpu.idle == false);
  CHECK(limits.cpu.throttled_periods == 4);
  CHECK(limits.cpu.throttled_us == 5000);
  CHECK(limits.cpuset.effective == "0-3,8");
  CHECK(limits.pids.max.value == 512);
  CHECK(limits.pids.current == 12);
  REQUIRE(limits.hugepages.size() == 1);
  CHECK(limits.hugepages[0].size == "2MB");
  CHECK(limits.hugepages[0].max.value == 4194304);
  CHECK(limits.hugepages[0].current == 2097152);
  CHECK(limits.pressure.cpu_some == 1.5);
  CHECK(limits.pressure.memory_full == 0.25);
  CHECK(limits.pressure.directory == "/sys/fs/cgroup/pod/train");
  CHECK_FALSE(limits.pressure.io_some);
}

TEST_CASE("v2: a container's namespace hides what is above it") {
  for (const bool limited : {false, true}) {
    CAPTURE(limited);
    Tree tree("0::/\n", kUnified);
    tree.group_v2("/sys/fs/cgroup", {{"cpu.max", limited ? "50000 100000" : "max 100000"},
                                     {"memory.max", limited ? "4096" : "max"}});
    const Limits limits = read_limits(tree.path());
    CHECK(limits.cpu.group.hidden_above);
    CHECK(limits.cpu.quota.state == (limited ? Cpu::set : Cpu::unknown));
    CHECK(limits.cpu.quota.reason == "a cgroup namespace hides the groups above ours");
    CHECK(limits.memory.hard.state == (limited ? Bytes::set : Bytes::unknown));
    CHECK(limits.cpu.quota.directory == (limited ? "/sys/fs/cgroup" : ""));
    CHECK(limits.pids.max.state == Bytes::unknown);
  }
}

TEST_CASE("v2: the root of the machine has no files, and no limits") {
  Tree tree("0::/\n", kUnified);
  tree.root_v2("/sys/fs/cgroup");
  const Limits limits = read_limits(tree.path());
  CHECK(limits.cpu.quota.state == Cpu::unlimited);
  CHECK(limits.memory.hard.state == Bytes::unlimited);
  CHECK(limits.pids.max.reason.empty());
}

TEST_CASE("v2: a controller that no hierarchy has limits nothing") {
  Tree tree("0::/pod\n", kUnified);
  tree.group("/sys/fs/cgroup", {{"cgroup.controllers", "cpu io memory pids"}})
      .group("/sys/fs/cgroup/pod", {{"cgroup.events", "populated 1"}});
  const Limits limits = read_limits(tree.path());
  CHECK(limits.cpuset.group.version == 0);
  CHECK(limits.cpuset.group.why_hidden == "no hierarchy has the controller cpuset");
  CHECK(limits.cpu.group.version == 2);
}

TEST_CASE("v1: each controller in its own hierarchy, all ancestors looked at") {
  Tree tree(kMember1, kMounts1);
  tree.root_v1("/sys/fs/cgroup/cpu,cpuacct", {{"cpu.cfs_quota_us", "-1"}})
      .group("/sys/fs/cgroup/cpu,cpuacct/pod",
             {{"cpu.cfs_quota_us", "150000"},
              {"cpu.cfs_period_us", "100000"},
              {"cpu.cfs_burst_us", "0"},
              {"cpu.stat", "nr_periods 8\nnr_throttled 2\nthrottled_time 3000000"}})
      .group("/sys/fs/cgroup/cpu,cpuacct/pod/train",
             {{"cpu.cfs_quota_us", "-1"}, {"cpu.cfs_period_us", "100000"}, {"cpu.shares", "512"}})
      .root_v1("/sys/fs/cgroup/cpuset")
      .group("/sys/fs/cgroup/cpuset/pod/train",
             {{"cpuset.effective_cpus", "0-1"}, {"cpuset.effective_mems", "0"}})
      .root_v1("/sys/fs/cgroup/memory", {{"memory.limit_in_bytes", kUnlimited1}})
      .group("/sys/fs/cgroup/memory/pod", {{"memory.limit_in_bytes", "2147483648"}})
      .group("/sys/fs/cgroup/memory/pod/train",
             {{"memory.limit_in_bytes", kUnlimited1},
              {"memory.memsw.limit_in_bytes", "3221225472"},
              {"memory.usage_in_bytes", "10"},
              {"memory.max_usage_in_bytes", "20"},
              {"memory.soft_limit_in_bytes", kUnlimited1},
              {"memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 5"},
              {"memory.stat",
               "cache 1\nhierarchical_memory_limit 2147483648\n"
               "hierarchical_memsw_limit 3221225472\ntotal_cache 33\ntotal_swap 4"}})
      .root_v1("/sys/fs/cgroup/pids")
      .group("/sys/fs/cgroup/pids/pod", {{"pids.max", "100"}})
      .group("/sys/fs/cgroup/pids/pod/train", {{"pids.max", "max"}, {"pids.current", "3"}});
  const Limits limits = read_limits(tree.path());
  CHECK(limits.layout == Limits::Layout::v1);
  CHECK(limits.cpu.group.version == 1);
  CHECK(limits.cpu.group.directory == "/sys/fs/cgroup/cpu,cpuacct/pod/train");
  CHECK(limits.cpu.quota.value.cpus() == 1.5);
  CHECK(limits.cpu.quota.directory == "/sys/fs/cgroup/cpu,cpuacct/pod");
  CHECK(limits.cpu.shares == 512);
  CHECK(limits.cpu.burst_us == 0);
  CHECK(limits.cpu.throttled_us == 3000);
  CHECK(limits.cpuset.effective == "0-1");
  CHECK(limits.memory.hard.value == 2147483648);
  CHECK(limits.memory.hard.directory == "/sys/fs/cgroup/memory/pod");
  CHECK(limits.memory.swap.value == 1073741824);
  CHECK(limits.memory.swap.directory == "/sys/fs/cgroup/memory/pod/train");
  CHECK(limits.memory.high.state == Bytes::unlimited);
  CHECK(limits.memory.cache == 33);
  CHECK(limits.memory.swap_usage == 4);
  CHECK_FALSE(limits.memory.request);
  CHECK(limits.memory.oom_kills == 5);
  CHECK(limits.pids.max.value == 100);
  CHECK(limits.pids.current == 3);
}

TEST_CASE("v1: a quota without a period makes no sense") {
  Tree tree("3:cpu:/\n", "33 31 0:30 / /cg rw - cgroup cgroup rw,cpu\n");
  tree.root_v1("/cg", {{"cpu.cfs_quota_us", "1000"}});
  CHECK(read_limits(tree.path()).cpu.quota.state == Cpu::unknown);
}

TEST_CASE("v1: a hidden ancestor's memory limit is in memory.stat, and its group is not named") {
  const char* const mounts =
      "35 31 0:32 /docker/x /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
      "36 31 0:33 /docker/x /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids\n";
  for (const bool limited : {false, true}) {
    CAPTURE(limited);
    Tree tree("5:memory:/docker/x\n6:pids:/docker/x\n", mounts);
    tree.group("/sys/fs/cgroup/memory",
               {{"memory.limit_in_bytes", kUnlimited1},
                {"memory.stat", limited ? "hierarchical_memory_limit 4096"
                                        : "hierarchical_memory_limit 9223372036854771712"}})
        .group("/sys/fs/cgroup/pids", {{"pids.max", "max"}});
    const Limits limits = read_limits(tree.path());
    CHECK(limits.memory.hard.state == (limited ? Bytes::set : Bytes::unlimited));
    CHECK(limits.memory.hard.value == (limited ? 4096 : 0));
    CHECK(limits.memory.hard.directory.empty());
    CHECK(limits.memory.hard.reason.empty());
    CHECK(limits.pids.max.state == Bytes::unknown);
    CHECK(limits.pids.max.reason ==
          "the mount at /sys/fs/cgroup/pids shows only /docker/x of the hierarchy");
  }
}

TEST_CASE("v1: an ancestor that is not hierarchical does not bind") {
  Tree tree("5:memory:/a/b\n", "35 31 0:32 / /m rw - cgroup cgroup rw,memory\n");
  tree.root_v1("/m")
      .group("/m/a", {{"memory.limit_in_bytes", "4096"}})
      .group("/m/a/b", {{"memory.limit_in_bytes", "8192"},
                        {"memory.stat", "hierarchical_memory_limit 8192"}});
  const auto hard = read_limits(tree.path()).memory.hard;
  CHECK(hard.value == 8192);
  CHECK(hard.directory == "/m/a/b");
}

TEST_CASE("hybrid: each controller from where it is") {
  Tree tree("5:memory:/m\n0::/u\n",
            "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
            "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  tree.root_v1("/sys/fs/cgroup/memory")
      .group("/sys/fs/cgroup/memory/m", {{"memory.limit_in_bytes", "4096"}})
      .group("/sys/fs/cgroup/unified", {{"cgroup.controllers", "cpu pids"}})
      .group("/sys/fs/cgroup/unified/u",
             {{"cgroup.events", ""}, {"cpu.max", "50000 100000"}, {"memory.max", "1"}});
  const Limits limits = read_limits(tree.path());
  CHECK(limits.layout == Limits::Layout::hybrid);
  CHECK(limits.memory.group.version == 1);
  CHECK(limits.memory.hard.value == 4096);
  CHECK(limits.cpu.group.version == 2);
  CHECK(limits.cpu.quota.value.cpus() == 0.5);
  CHECK(limits.cpuset.group.version == 0);
}

TEST_CASE("of several mounts the one that shows the most of us is taken") {
  struct Case {
    const char *what, *mounts, *mount_point;
    bool hidden;
  };
  const char* const kHost = "50 31 0:38 / /host/sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  const char* const kPart = "51 31 0:38 /pod /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  const char* const kOther = "52 31 0:38 /other /mnt rw - cgroup2 cgroup2 rw\n";
  const std::string cases[] = {std::string(kHost) + kPart, std::string(kPart) + kHost,
                               std::string(kPart) + kOther, std::string(kOther) + kPart};
  for (const Case& item :
       {Case{"the host's, first", cases[0].c_str(), "/host/sys/fs/cgroup", false},
        {"the host's, last", cases[1].c_str(), "/host/sys/fs/cgroup", false},
        {"another group's, last", cases[2].c_str(), "/sys/fs/cgroup", true},
        {"another group's, first", cases[3].c_str(), "/sys/fs/cgroup", true}}) {
    CAPTURE(item.what);
    Tree tree("0::/pod/train\n", item.mounts);
    tree.root_v2("/host/sys/fs/cgroup")
        .group_v2("/host/sys/fs/cgroup/pod")
        .group_v2("/host/sys/fs/cgroup/pod/train")
        .group_v2("/sys/fs/cgroup")
        .group_v2("/sys/fs/cgroup/train")
        .group_v2("/mnt");
    const auto group = read_limits(tree.path()).cpu.group;
    CHECK(group.mount_point == item.mount_point);
    CHECK(group.hidden_above == item.hidden);
    CHECK(group.directory.ends_with("/train"));
  }
}

TEST_CASE("two mounts of a v1 controller: the usual place, in both orders") {
  const std::string usual = "34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n";
  const std::string other = "60 31 0:31 / /cpusets rw - cgroup none rw,cpuset\n";
  for (const std::string& mounts : {usual + other, other + usual}) {
    Tree tree("4:cpuset:/\n", mounts);
    tree.root_v1("/sys/fs/cgroup/cpuset", {{"cpuset.effective_cpus", "0"}}).root_v1("/cpusets");
    CHECK(read_limits(tree.path()).cpuset.group.mount_point == "/sys/fs/cgroup/cpuset");
  }
}

TEST_CASE("a mount point with a blank, and optional fields before the dash") {
  Tree tree("5:memory:/a b\n",
            "35 31 0:32 / /my\\040groups rw master:1 propagate_from:2 - cgroup cgroup rw,memory\n");
  tree.root_v1("/my groups").group("/my groups/a b", {{"memory.limit_in_bytes", "4096"}});
  CHECK(read_limits(tree.path()).memory.hard.directory == "/my groups/a b");
}

TEST_CASE("a mount from outside of our namespace: what stands at it binds us, ours is not seen") {
  Tree tree("0::/\n", "41 31 0:38 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  tree.root_v2("/sys/fs/cgroup").group_v2("/sys/fs/cgroup/x", {{"memory.max", "1"}});
  tree.files().write("sys/fs/cgroup/memory.max", "8192\n");
  const Limits limits = read_limits(tree.path());
  CHECK(limits.memory.group.directory.empty());
  CHECK(limits.memory.hard.value == 8192);
  CHECK(limits.memory.hard.reason ==
        "the mount at /sys/fs/cgroup is from outside our cgroup namespace");
  CHECK_FALSE(limits.memory.usage);
  CHECK(limits.cpu.quota.state == Cpu::unknown);
}

TEST_CASE("a mount of somebody else's group says nothing of us") {
  for (const char* root : {"/docker/y", "/../y"}) {
    CAPTURE(root);
    Tree tree("0::/docker/x\n",
              "41 31 0:38 " + std::string(root) + " /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    tree.group_v2("/sys/fs/cgroup", {{"memory.max", "1"}});
    const auto hard = read_limits(tree.path()).memory.hard;
    CHECK(hard.state == Bytes::unknown);
    CHECK(hard.reason == "no mount shows the group /docker/x");
  }
}

TEST_CASE("we were moved out of our namespace: nothing is claimed") {
  Tree tree("0::/../other\n", kUnified);
  tree.group_v2("/sys/fs/cgroup", {{"memory.max", "1"}});
  CHECK(read_limits(tree.path()).memory.hard.state == Bytes::unknown);
}

TEST_CASE("a mountinfo that lacks the mounts: the usual places, and it is said") {
  Tree tree("5:memory:/a\n0::/b\n", "22 27 0:21 / /proc rw - proc proc rw\n");
  tree.root_v1("/sys/fs/cgroup/memory")
      .group("/sys/fs/cgroup/memory/a", {{"memory.limit_in_bytes", "4096"}});
  const Limits limits = read_limits(tree.path());
  CHECK(limits.memory.hard.value == 4096);
  CHECK(limits.memory.group.why_hidden ==
        "/proc/self/mountinfo lacks the mount; guessed /sys/fs/cgroup/memory");
  CHECK(limits.cpu.quota.state == Cpu::unknown);
  CHECK(limits.cpu.quota.reason == "the hierarchy is not mounted here");
}

TEST_CASE("no /proc/self/cgroup: what the mounts show, never unlimited") {
  TempDir root;
  root.write("proc/self/mountinfo", kUnified);
  root.write("sys/fs/cgroup/cgroup.procs", "");
  root.write("sys/fs/cgroup/memory.max", "4096\n");
  const Limits limits = read_limits(root.path());
  CHECK(limits.memory.hard.value == 4096);
  CHECK(limits.memory.hard.reason == "our group is not known (/proc/self/cgroup)");
  CHECK(limits.cpu.quota.state == Cpu::unknown);
  REQUIRE(limits.troubles.size() == 1);
  CHECK(limits.troubles[0].find("/proc/self/cgroup") != std::string::npos);
}

TEST_CASE("nothing at all: everything is unknown") {
  TempDir root;
  const Limits limits = read_limits(root.path());
  CHECK(limits.layout == Limits::Layout::none);
  CHECK(limits.cpu.quota.state == Cpu::unknown);
  CHECK(limits.memory.hard.state == Bytes::unknown);
  CHECK(limits.pids.max.state == Bytes::unknown);
  CHECK(limits.troubles.size() == 2);
}

TEST_CASE("lists of CPUs") {
  using List = std::vector<std::uint32_t>;
  CHECK(parse_cpu_list("0-3,8\n") == List{0, 1, 2, 3, 8});
  CHECK(parse_cpu_list("7") == List{7});
  CHECK(parse_cpu_list("3,1-2,2") == List{1, 2, 3});
  CHECK(parse_cpu_list("") == List{});
  for (const char* wrong : {"a", "1-", "-1", "3-1", "1,,2", "0-99999999", "1-2-3"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_cpu_list(wrong));
  }
}

TEST_CASE("memory that we may use: the smaller of the limit and the machine's") {
  toolkit::cgroup::MemoryLimits memory;
  CHECK_FALSE(effective_memory(memory, std::nullopt));
  CHECK(effective_memory(memory, 4096) == 4096);
  memory.hard = {Bytes::set, 8192, "", ""};
  CHECK(effective_memory(memory, 4096) == 4096);
  CHECK(effective_memory(memory, 16384) == 8192);
  CHECK(effective_memory(memory, std::nullopt) == 8192);
}
