#include <toolkit/machine/facts.hpp>

#include <doctest/doctest.h>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

#include <algorithm>

using toolkit::machine::addresses_of;
using toolkit::machine::Facts;
using toolkit::machine::Network;
using toolkit::machine::read_facts;
using toolkit::support::TempDir;

TEST_CASE("processors: the list of those online, or the lines of /proc/stat without /sys") {
  TempDir root;
  CHECK_FALSE(read_facts(root.path()).cpus.online);
  root.write("proc/stat", "cpu  1 2\ncpu0 1\ncpu1 1\ncpu12 1\nintr 5\n");
  CHECK(read_facts(root.path()).cpus.online == 3);
  root.write("sys/devices/system/cpu/online", "0-3,8\n");
  CHECK(read_facts(root.path()).cpus.online == 5);
  root.write("sys/devices/system/cpu/online", "0-x\n");
  CHECK_FALSE(read_facts(root.path()).cpus.online);
  const auto cpus = read_facts(root.path()).cpus;
  CHECK(cpus.affinity == cpus.allowed.size());
  CHECK(cpus.allowed.size() >= 1);
}

TEST_CASE("memory, and lxcfs over it") {
  TempDir root;
  root.write("proc/meminfo",
             "MemTotal:       24684084 kB\nMemAvailable:    2480140 kB\nSwapTotal:  8 kB\n"
             "SwapFree:   0 kB\nCommitLimit: 7 kB\n");
  root.write("proc/self/mountinfo", "22 27 0:21 / /proc rw - proc proc rw\n");
  auto memory = read_facts(root.path()).memory;
  CHECK(memory.total == 24684084ULL * 1024);
  CHECK(memory.available == 2480140ULL * 1024);
  CHECK(memory.swap_total == 8192);
  CHECK(memory.swap_free == 0);
  CHECK(memory.commit_limit == 7168);
  CHECK_FALSE(memory.lxcfs);
  root.write("proc/self/mountinfo",
             "90 22 0:50 /proc/meminfo /proc/meminfo rw - fuse.lxcfs lxcfs rw,user_id=0\n");
  CHECK(read_facts(root.path()).memory.lxcfs);
}

TEST_CASE("ports: ranges, lists, and nothing where nothing can be read") {
  TempDir root;
  CHECK_FALSE(read_facts(root.path()).ports.ephemeral);
  const std::string folder = "proc/sys/net/ipv4/";
  root.write(folder + "ip_local_port_range", "32768\t60999\n");
  root.write(folder + "ip_local_reserved_ports", "8080,9148-9150\n");
  root.write(folder + "ip_unprivileged_port_start", "1024\n");
  const auto ports = read_facts(root.path()).ports;
  REQUIRE(ports.ephemeral);
  CHECK(ports.ephemeral->first == 32768);
  CHECK(ports.ephemeral->second == 60999);
  REQUIRE(ports.reserved.size() == 2);
  CHECK(ports.reserved[0] == std::pair<std::uint16_t, std::uint16_t>{8080, 8080});
  CHECK(ports.reserved[1] == std::pair<std::uint16_t, std::uint16_t>{9148, 9150});
  CHECK(ports.unprivileged_start == 1024);
  root.write(folder + "ip_local_port_range", "1 99999\n");
  root.write(folder + "ip_local_reserved_ports", "\n");
  CHECK_FALSE(read_facts(root.path()).ports.ephemeral);
  CHECK(read_facts(root.path()).ports.reserved.empty());
}

TEST_CASE("the user: privileges, and who we are outside") {
  TempDir root;
  root.write("proc/self/status",
             "Name:\ttoolkit\nCapEff:\t00000000a80425fb\nCapBnd:\t000001ffffffffff\n"
             "NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n");
  root.write("proc/self/uid_map", "         0          0 4294967295\n");
  auto user = read_facts(root.path()).user;
  CHECK(user.capabilities == 0xa80425fb);
  CHECK(user.bounding == 0x1ffffffffff);
  CHECK(user.seccomp == 2);
  CHECK(user.no_new_privileges == true);
  CHECK(user.in_user_namespace == false);
  CHECK(user.host_uid == ::geteuid());
  root.write("proc/self/uid_map", "0 100000 65536\n");
  user = read_facts(root.path()).user;
  CHECK(user.in_user_namespace == true);
  CHECK(user.uid_map == "0 100000 65536");
  if (::geteuid() < 65536) {
    CHECK(user.host_uid == 100000 + ::geteuid());
  }
  root.write("proc/self/uid_map", "4000000 5 1\n");
  CHECK_FALSE(read_facts(root.path()).user.host_uid);
}

TEST_CASE("names are looked up in the hosts file alone") {
  Network network;
  network.hosts =
      "127.0.0.1\tlocalhost\n10.0.0.5  node0.cluster node0 # first\n#10.0.0.6 node0\n"
      "fd00::5 NODE0\n10.0.0.5 node0\nnot-an-address node0\n10.0.0.7";
  CHECK(addresses_of(network, "node0") == std::vector<std::string>{"10.0.0.5", "fd00::5"});
  CHECK(addresses_of(network, "node").empty());
  CHECK(addresses_of(network, "192.0.2.7") == std::vector<std::string>{"192.0.2.7"});
  CHECK(addresses_of(network, "10.0.0.7") == std::vector<std::string>{"10.0.0.7"});
}

TEST_CASE("RDMA devices: state, layer, interfaces") {
  TempDir root;
  CHECK(read_facts(root.path()).network.rdma.empty());
  const std::string device = "sys/class/infiniband/mlx5_1/";
  root.write(device + "ports/1/state", "4: ACTIVE\n");
  root.write(device + "ports/1/link_layer", "InfiniBand\n");
  root.write(device + "device/net/ib0/mtu", "2044\n");
  root.write("sys/class/infiniband/mlx5_0/device/physfn/x", "");
  const auto rdma = read_facts(root.path()).network.rdma;
  REQUIRE(rdma.size() == 2);
  CHECK(rdma[0].name == "mlx5_0");
  CHECK(rdma[0].virtual_function);
  CHECK(rdma[0].state.empty());
  CHECK(rdma[1].state == "ACTIVE");
  CHECK(rdma[1].link_layer == "InfiniBand");
  CHECK(rdma[1].interfaces == std::vector<std::string>{"ib0"});
  CHECK_FALSE(rdma[1].virtual_function);
}

TEST_CASE("the interfaces of this machine: loopback is there, with its address") {
  const Facts facts = read_facts();
  const auto& interfaces = facts.network.interfaces;
  const auto loopback = std::ranges::find(interfaces, true, &toolkit::machine::Interface::loopback);
  REQUIRE(loopback != interfaces.end());
  CHECK(loopback->kind == "loopback");
  CHECK(loopback->index > 0);
  CHECK(loopback->mtu.value_or(0) > 0);
  if (loopback->up) {
    CHECK(std::ranges::count(loopback->addresses, "127.0.0.1") == 1);
  }
  char name[256] = "";
  REQUIRE(::gethostname(name, sizeof name - 1) == 0);
  CHECK(facts.network.hostname == name);
}

TEST_CASE("an empty root: unknown, never zero") {
  TempDir root;
  const Facts facts = read_facts(root.path());
  CHECK_FALSE(facts.memory.total);
  CHECK_FALSE(facts.tasks.pid_max);
  CHECK_FALSE(facts.shared_memory.total);
  CHECK_FALSE(facts.user.capabilities);
  CHECK_FALSE(facts.user.in_user_namespace);
  CHECK(facts.runtime.name == "none");
  CHECK(facts.troubles.size() == 1);
}
