#include "scene.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <set>

using toolkit::advice::Finding;
using toolkit::advice::rule_names;
using toolkit::advice::status_name;
using toolkit::cgroup::Limit;
using toolkit::cluster::Field;
using toolkit::support::Place;

namespace {

using Bytes = Limit<std::uint64_t>::State;

struct Change {
  const char *what, *id, *status;
  std::function<void(Place&)> make;
};

void hold(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    CAPTURE(change.what);
    CAPTURE(change.id);
    Place place;
    change.make(place);
    const Finding finding = place.of(change.id);
    CAPTURE(finding.title);
    CHECK(status_name(finding.status) == change.status);
    CHECK_FALSE(finding.title.empty());
    CHECK(finding.title.find('\n') == std::string::npos);
    if (finding.status == toolkit::advice::Status::warn ||
        finding.status == toolkit::advice::Status::fail) {
      CHECK_FALSE(finding.evidence.empty());
      CHECK_FALSE(finding.remedy.empty());
    }
  }
}

}  // namespace

TEST_CASE("where all is well nothing is warned of, and each rule answers once") {
  const Place place;
  std::set<std::string> ids;
  for (const Finding& finding : place.check()) {
    CAPTURE(finding.id);
    CAPTURE(finding.title);
    CHECK((finding.status == toolkit::advice::Status::pass ||
           finding.status == toolkit::advice::Status::skip));
    CHECK(finding.remedy.empty());
    CHECK(ids.insert(finding.id).second);
  }
  CHECK(ids.size() + 2 == rule_names().size());  // no volume and no record was given
}

TEST_CASE("names and addresses") {
  hold({
      {"the hostname is loopback", "network.hostname_loopback", "fail",
       [](Place& p) { p.hosts("127.0.1.1 node0\n10.0.0.1 node0\n"); }},
      {"loopback, and Gloo is told an interface", "network.hostname_loopback", "warn",
       [](Place& p) {
         p.hosts("127.0.1.1 node0\n");
         p.variables["GLOO_SOCKET_IFNAME"] = "eth0";
       }},
      {"loopback comes second", "network.hostname_loopback", "pass",
       [](Place& p) { p.hosts("10.0.0.1 node0\n127.0.1.1 node0\n"); }},
      {"loopback on one node", "network.hostname_loopback", "skip",
       [](Place& p) {
         p.hosts("127.0.1.1 node0\n");
         p.set(Field::node_count, "1");
       }},
      {"nodes are counted by their names", "network.hostname_loopback", "fail",
       [](Place& p) {
         p.hosts("127.0.1.1 node0\n");
         p.unset(Field::node_count);
         p.set(Field::nodes, "a,b,c");
       }},
      {"nobody knows the number of nodes", "network.hostname_loopback", "skip",
       [](Place& p) { p.unset(Field::node_count); }},
      {"the hostname is not in the file", "network.hostname_loopback", "unknown",
       [](Place& p) { p.hosts("127.0.0.1 localhost\n"); }},

      {"MASTER_ADDR in the file", "master.resolves", "pass", [](Place&) {}},
      {"an address", "master.resolves", "pass",
       [](Place& p) { p.set(Field::master_addr, "fd00::1"); }},
      {"not in the file", "master.resolves", "unknown",
       [](Place& p) { p.set(Field::master_addr, "train-0.svc"); }},
      {"name servers know it", "master.resolves", "pass",
       [](Place& p) {
         p.set(Field::master_addr, "train-0.svc");
         p.probed_master = {{"10.0.0.9"}};
       }},
      {"nobody knows it", "master.resolves", "fail",
       [](Place& p) {
         p.set(Field::master_addr, "train-0.svc");
         p.probed_master.emplace();
       }},
      {"no MASTER_ADDR", "master.resolves", "skip", [](Place& p) { p.unset(Field::master_addr); }},

      {"MASTER_ADDR is loopback", "master.loopback", "fail",
       [](Place& p) { p.set(Field::master_addr, "localhost"); }},
      {"MASTER_ADDR is loopback on one node", "master.loopback", "skip",
       [](Place& p) {
         p.set(Field::master_addr, "localhost");
         p.set(Field::node_count, "1");
       }},
      {"MASTER_ADDR is outside", "master.loopback", "pass", [](Place&) {}},

      {"rank 0 is elsewhere", "master.is_mine", "skip",
       [](Place& p) {
         p.set(Field::node_rank, "1");
         p.set(Field::rank, "2");
       }},
      {"ours", "master.is_mine", "pass", [](Place&) {}},
      {"another node's", "master.is_mine", "fail",
       [](Place& p) { p.set(Field::master_addr, "node1"); }},
      {"no interface can be seen", "master.is_mine", "unknown",
       [](Place& p) { p.facts.network.interfaces.clear(); }},
      {"no rank", "master.is_mine", "unknown",
       [](Place& p) {
         p.unset(Field::rank);
         p.unset(Field::node_rank);
       }},
  });
}

TEST_CASE("the grammar of NCCL_SOCKET_IFNAME, and Gloo's whole names") {
  struct Case {
    const char *nccl, *status;
  };
  for (const Case& item : {Case{"eth", "pass"},
                           {"=eth0", "pass"},
                           {"=eth", "fail"},
                           {"ib,eth0", "pass"},
                           {"ib", "fail"},
                           {"^lo", "pass"},
                           {"^lo,eth", "fail"},
                           {"^=lo,=eth0", "pass"},
                           {"^=lo,eth0", "fail"},
                           {"bond", "fail"},
                           {"", "skip"}}) {
    CAPTURE(item.nccl);
    Place place;
    place.variables["NCCL_SOCKET_IFNAME"] = item.nccl;
    place.add_interface("bond0", "10.1.0.1").up = false;
    CHECK(place.status("nccl.ifname") == item.status);
  }
  for (const Case& item :
       {Case{"eth0", "pass"}, {"eth", "fail"}, {"eth0,lo", "pass"}, {"eth0,ib0", "fail"}}) {
    CAPTURE(item.nccl);
    Place place;
    place.variables["GLOO_SOCKET_IFNAME"] = item.nccl;
    CHECK(place.status("gloo.ifname") == item.status);
  }
}

TEST_CASE("MASTER_PORT") {
  hold({
      {"free", "port.busy", "pass", [](Place&) {}},
      {"a wildcard of IPv6", "port.busy", "fail", [](Place& p) { p.port_listeners = {{"::"}}; }},
      {"not our port to open", "port.busy", "skip",
       [](Place& p) {
         p.port_listeners = {{"::"}};
         p.set(Field::node_rank, "1");
       }},
      {"the tables cannot be read", "port.busy", "unknown",
       [](Place& p) { p.port_listeners.reset(); }},
      {"below the range", "port.ephemeral", "pass", [](Place&) {}},
      {"in the range", "port.ephemeral", "warn",
       [](Place& p) { p.set(Field::master_port, "40000"); }},
      {"its last port", "port.ephemeral", "warn",
       [](Place& p) { p.set(Field::master_port, "60999"); }},
      {"in the range and reserved", "port.ephemeral", "pass",
       [](Place& p) {
         p.set(Field::master_port, "40000");
         p.facts.ports.reserved = {{39999, 40000}};
       }},
      {"no range", "port.ephemeral", "unknown", [](Place& p) { p.facts.ports.ephemeral.reset(); }},
      {"no port", "port.ephemeral", "skip", [](Place& p) { p.unset(Field::master_port); }},
      {"privileged", "port.privileged", "fail",
       [](Place& p) { p.set(Field::master_port, "1023"); }},
      {"privileged, and so are we", "port.privileged", "pass",
       [](Place& p) {
         p.set(Field::master_port, "80");
         p.facts.user.capabilities = 1U << 10;
       }},
  });
  hold({
      {"not probed", "master.answers", "skip", [](Place& p) { p.set(Field::node_rank, "1"); }},
      {"rank 0 itself", "master.answers", "skip", [](Place& p) { p.probed = true; }},
      {"not resolved", "master.answers", "unknown",
       [](Place& p) {
         p.probed = true;
         p.set(Field::node_rank, "1");
       }},
      {"listening", "master.answers", "pass",
       [](Place& p) {
         p.probed = true;
         p.set(Field::node_rank, "1");
         p.master_reached = toolkit::advice::Reached::open;
       }},
      {"not yet listening", "master.answers", "pass",
       [](Place& p) {
         p.probed = true;
         p.set(Field::node_rank, "1");
         p.master_reached = toolkit::advice::Reached::refused;
       }},
      {"a wall between us", "master.answers", "warn",
       [](Place& p) {
         p.probed = true;
         p.set(Field::node_rank, "1");
         p.master_reached = toolkit::advice::Reached::silent;
       }},
      {"no port", "master.answers", "skip",
       [](Place& p) {
         p.probed = true;
         p.set(Field::node_rank, "1");
         p.unset(Field::master_port);
       }},
  });
  Place place;
  place.port_listeners = {{"0.0.0.0", "::"}};
  CHECK(place.of("port.busy").evidence == "listening: 0.0.0.0:29500, [::]:29500");
}

TEST_CASE("memory, files and processes") {
  hold({
      {"docker's 64 MiB", "shm.size", "warn",
       [](Place& p) { p.facts.shared_memory.total = 64 << 20; }},
      {"one GiB", "shm.size", "pass", [](Place& p) { p.facts.shared_memory.total = 1U << 30; }},
      {"none", "shm.size", "warn", [](Place& p) { p.facts.shared_memory = {}; }},
      {"no RDMA", "memlock.rdma", "skip", [](Place&) {}},
      {"RDMA and little to lock", "memlock.rdma", "fail",
       [](Place& p) { p.facts.network.rdma.resize(1); }},
      {"RDMA and all may be locked", "memlock.rdma", "pass",
       [](Place& p) {
         p.facts.network.rdma.resize(1);
         p.facts.limits[1].soft.reset();
       }},
      {"RDMA and CAP_IPC_LOCK", "memlock.rdma", "pass",
       [](Place& p) {
         p.facts.network.rdma.resize(1);
         p.facts.user.capabilities = 1U << 14;
       }},
      {"1024 files", "nofile.soft", "warn", [](Place& p) { p.facts.limits[0].soft = 1024; }},
      {"no limit of files", "nofile.soft", "pass",
       [](Place& p) { p.facts.limits[0].soft.reset(); }},
      {"files unknown", "nofile.soft", "unknown", [](Place& p) { p.facts.limits.clear(); }},
      {"too few threads", "pids.max", "warn",
       [](Place& p) {
         p.limits.pids.max = {Bytes::set, 40, "/cg", ""};
         p.limits.pids.current = 9;
       }},
      {"just enough", "pids.max", "pass",
       [](Place& p) {
         p.limits.pids.max = {Bytes::set, 40, "/cg", ""};
         p.limits.pids.current = 8;
       }},
      {"hidden", "pids.max", "unknown",
       [](Place& p) {
         p.limits.pids.max = {Bytes::unknown, 0, "", "hidden"};
       }},
      {"swap", "memory.swap", "warn", [](Place& p) { p.facts.memory.swap_total = 1; }},
      {"swap, not for us", "memory.swap", "pass",
       [](Place& p) {
         p.facts.memory.swap_total = 1;
         p.limits.memory.swap = {Bytes::set, 0, "/cg", ""};
       }},
      {"swap, who knows", "memory.swap", "unknown",
       [](Place& p) {
         p.facts.memory.swap_total = 1;
         p.limits.memory.swap.state = Bytes::unknown;
       }},
      {"no meminfo", "memory.swap", "unknown", [](Place& p) { p.facts.memory.swap_total.reset(); }},
      {"killed", "memory.oom_kills", "warn",
       [](Place& p) {
         p.limits.memory.oom_kills = 2;
         p.limits.memory.group.directory = "/cg";
       }},
      {"not to be seen", "memory.oom_kills", "unknown",
       [](Place& p) { p.limits.memory.oom_kills.reset(); }},
  });
  Place place;
  place.facts.limits[0] = {"nofile", 1024, 4096};
  CHECK(place.of("nofile.soft").remedy == "ulimit -n 4096");
  place.facts.limits[0] = {"nofile", 1024, 1024};
  CHECK(place.of("nofile.soft").remedy.starts_with("docker run"));
}

TEST_CASE("CPUs and threads") {
  hold({
      {"no quota", "cpu.throttled", "pass", [](Place&) {}},
      {"hidden", "cpu.throttled", "unknown", [](Place& p) { p.limits.cpu.quota = {}; }},
      {"never stopped", "cpu.throttled", "pass",
       [](Place& p) {
         p.quota(100000, 100000);
         p.limits.cpu.periods = 9, p.limits.cpu.throttled_periods = 0;
       }},
      {"stopped some time", "cpu.throttled", "unknown",
       [](Place& p) {
         p.quota(100000, 100000);
         p.limits.cpu.periods = 9, p.limits.cpu.throttled_periods = 3;
       }},
      {"stopped now", "cpu.throttled", "warn",
       [](Place& p) {
         p.quota(100000, 100000);
         p.throttled_share = 0.5;
       }},
      {"not stopped now", "cpu.throttled", "pass",
       [](Place& p) {
         p.quota(100000, 100000);
         p.limits.cpu.throttled_periods = 3;
         p.throttled_share = 0;
       }},
      {"a weight of several meanings", "cpu.weight", "unknown",
       [](Place& p) { p.limits.cpu.weight = 39; }},
      {"the default weight", "cpu.weight", "pass", [](Place&) {}},
      {"v1", "cpu.weight", "skip", [](Place& p) { p.limits.cpu.weight.reset(); }},
      {"our share", "omp.threads", "pass", [](Place&) {}},
      {"more than our share", "omp.threads", "warn",
       [](Place& p) { p.variables["OMP_NUM_THREADS"] = "5"; }},
      {"the first level counts", "omp.threads", "pass",
       [](Place& p) { p.variables["OMP_NUM_THREADS"] = "4,2"; }},
      {"a quota", "omp.threads", "warn", [](Place& p) { p.quota(200000, 100000); }},
      {"not set", "omp.threads", "warn", [](Place& p) { p.variables.clear(); }},
      {"not set, one process", "omp.threads", "pass",
       [](Place& p) {
         p.variables.clear();
         p.set(Field::local_world_size, "1");
       }},
      {"no number", "omp.threads", "fail",
       [](Place& p) { p.variables["OMP_NUM_THREADS"] = "all"; }},
      {"no CPUs known", "omp.threads", "unknown", [](Place& p) { p.facts.cpus = {}; }},
  });
  Place place;
  place.quota(300000, 100000);
  CHECK(place.of("omp.threads").remedy == "export OMP_NUM_THREADS=1");
}

TEST_CASE("users, volumes and clocks") {
  hold({
      {"root of the machine", "user.root", "warn",
       [](Place& p) { p.facts.user.euid = 0, p.facts.user.host_uid = 0; }},
      {"root in a user namespace", "user.root", "pass",
       [](Place& p) { p.facts.user.euid = 0, p.facts.user.host_uid = 100000; }},
      {"root, no map", "user.root", "unknown",
       [](Place& p) { p.facts.user.euid = 0, p.facts.user.host_uid.reset(); }},
      {"root in no container", "user.root", "skip",
       [](Place& p) {
         p.facts.user.euid = 0, p.facts.user.host_uid = 0;
         p.facts.runtime.name = "none";
       }},
      {"ours", "volume.owner", "pass",
       [](Place& p) {
         p.volumes = {{"/v", 1000, true}};
       }},
      {"ours, read-only", "volume.owner", "fail",
       [](Place& p) {
         p.volumes = {{"/v", 1000, false}};
       }},
      {"another's, open", "volume.owner", "warn",
       [](Place& p) {
         p.volumes = {{"/v", 0, true}};
       }},
      {"another's", "volume.owner", "fail",
       [](Place& p) {
         p.volumes = {{"/v", 0, false}};
       }},
      {"the future", "clock.skew", "warn",
       [](Place& p) {
         p.clocks = {{"train", 3.5}};
       }},
      {"the past", "clock.skew", "pass",
       [](Place& p) {
         p.clocks = {{"train", -3600}};
       }},
  });
}
