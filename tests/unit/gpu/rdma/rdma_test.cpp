#include "../../diagnosis/judged.hpp"
#include "adapters.hpp"

#include <toolkit/gpu/topology.hpp>

#include <doctest/doctest.h>
#include <sys/inotify.h>

#include <cerrno>
#include <filesystem>

using namespace toolkit;
using support::Adapters;
using support::judge;
using support::judged;

namespace {

const std::string kIpv4 = "0000:0000:0000:0000:0000:ffff:0a00:0005";
const std::string kLinkLocal = "fe80:0000:0000:0000:ba3f:d2ff:fe01:0002";

std::string cause_of(const gpu::Facts& facts, std::string_view id) {
  const auto found = judge(facts, id);
  return found.empty() ? "" : found[0].cause;
}

void add_roce(Adapters& tree, const std::string& name) {
  tree.adapter(name, "Ethernet");
  tree.interface("eth0");
  tree.interface("ens1");
  tree.gid(name, 0, kLinkLocal, "IB/RoCE v1", "ens1");
  tree.gid(name, 1, kLinkLocal, "RoCE v2", "ens1");
  tree.gid(name, 2, kIpv4, "IB/RoCE v1", "ens1");
  tree.gid(name, 3, kIpv4, "RoCE v2", "ens1");
}

}  // namespace

TEST_CASE("InfiniBand: a port that is up, with its place on the bus") {
  Adapters tree;
  tree.infiniband("mlx5_0");
  const gpu::Facts facts = tree.facts();
  REQUIRE(facts.rdma.adapters.size() == 1);
  const gpu::RdmaAdapter& adapter = facts.rdma.adapters[0];
  CHECK(adapter.driver == "mlx5_core");
  CHECK(adapter.pci_address == "0000:50:00.0");
  CHECK(adapter.verbs == "uverbs0");
  CHECK(adapter.verbs_open_error == 0);
  CHECK(adapter.ports.at(0).lid == 0x11U);
  CHECK(adapter.ports[0].pkeys == std::map<std::string, std::string>{{"0", "0xffff"}});
  CHECK(adapter.ports[0].counters.empty());
  CHECK(judged(facts, "rdma.dev") == "pass");
  CHECK(judged(facts, "rdma.port") == "pass mlx5_0/1");
  CHECK(judged(facts, "rdma.pkey") == "pass mlx5_0/1");
  CHECK(judged(facts, "rdma.gid").empty());
  CHECK(judged(facts, "rdma.topo") == "pass 0000:3b:00.0");
  CHECK(cause_of(facts, "rdma.topo") == "nearest adapter: PIX mlx5_0");
}

TEST_CASE("RoCE in the host's network: the GID index that works") {
  Adapters tree;
  add_roce(tree, "mlx5_0");
  CHECK(judged(tree.facts(), "rdma.gid") == "pass mlx5_0/1");
  CHECK(cause_of(tree.facts(), "rdma.gid") ==
        "NCCL_IB_GID_INDEX=3 would work; NCCL 2.21 and later find it");
  tree.variables["NCCL_IB_GID_INDEX"] = "3";
  CHECK(judged(tree.facts(), "rdma.gid") == "pass mlx5_0/1");
  tree.variables["NCCL_IB_GID_INDEX"] = "2";
  CHECK(judged(tree.facts(), "rdma.gid") == "warn/v1 user mlx5_0/1");
  tree.variables["NCCL_IB_GID_INDEX"] = "7";
  CHECK(judged(tree.facts(), "rdma.gid") == "fail/index user mlx5_0/1");
  CHECK(judge(tree.facts(), "rdma.gid")[0].remedy == "set NCCL_IB_GID_INDEX=3");
}

TEST_CASE("a virtual function in a pod: GIDs of the host are passed over, ours counts") {
  Adapters tree;
  tree.adapter("mlx5_7", "Ethernet");
  tree.interface("net1");
  tree.link("/sys/class/infiniband/mlx5_7/device/physfn", "../0000:50:00.0");
  tree.foreign_gid("mlx5_7", 0, kLinkLocal);
  tree.foreign_gid("mlx5_7", 3, "0000:0000:0000:0000:0000:ffff:0a00:0001");
  tree.gid("mlx5_7", 5, kIpv4, "RoCE v2", "net1");
  tree.gid("mlx5_7", 12, "0000:0000:0000:0000:0000:0000:0000:0000", "", "");
  const gpu::Facts facts = tree.facts();
  CHECK(facts.rdma.adapters[0].virtual_function);
  const auto& gids = facts.rdma.adapters[0].ports.at(0).gids;
  REQUIRE(gids.size() == 3);
  CHECK(gids[0].error == EINVAL);
  CHECK(cause_of(facts, "rdma.gid") ==
        "NCCL_IB_GID_INDEX=5 would work; NCCL 2.21 and later find it");
  tree.variables["NCCL_IB_GID_INDEX"] = "3";
  CHECK(judged(tree.facts(), "rdma.gid") == "fail/index user mlx5_7/1");
}

TEST_CASE("GIDs that are all of the host's namespace") {
  Adapters tree;
  tree.adapter("mlx5_0", "Ethernet");
  tree.interface("eth0");
  tree.foreign_gid("mlx5_0", 0, kLinkLocal);
  tree.gid("mlx5_0", 3, kIpv4, "RoCE v2", "ens1");  // older kernels name it
  CHECK(judged(tree.facts(), "rdma.gid") == "fail/foreign runtime mlx5_0/1");
}

TEST_CASE("no address, or RoCE v1 alone") {
  Adapters tree;
  tree.adapter("mlx5_0", "Ethernet");
  CHECK(judged(tree.facts(), "rdma.gid") == "fail/none node mlx5_0/1");
  tree.interface("ens1");
  tree.gid("mlx5_0", 0, kIpv4, "IB/RoCE v1", "ens1");
  CHECK(judged(tree.facts(), "rdma.gid") == "fail/v1 node mlx5_0/1");
}

TEST_CASE("EFA is neither InfiniBand nor RoCE: what matters is its plugin") {
  Adapters tree;
  tree.adapter("rdmap0s1", "Unknown");
  tree.file(Adapters::port("rdmap0s1") + "gids/0", kLinkLocal + "\n");
  CHECK(judged(tree.facts(), "rdma.port") == "pass rdmap0s1/1");
  CHECK(judged(tree.facts(), "rdma.gid").empty());
  CHECK(judged(tree.facts(), "rdma.pkey").empty());
  CHECK(judged(tree.facts(), "rdma.env") == "warn/efa_plugin image");
  tree.file("/opt/amazon/ofi-nccl/lib/libnccl-net.so", "fake");
  tree.variables["LD_LIBRARY_PATH"] = "/opt/amazon/ofi-nccl/lib";
  CHECK(judged(tree.facts(), "rdma.env") == "pass");
}

TEST_CASE("no subnet manager, by the addresses or by the state") {
  Adapters tree;
  tree.infiniband("mlx5_0", "0x0", "0x0");
  CHECK(judged(tree.facts(), "rdma.port") == "fail/no_subnet_manager node mlx5_0/1");
  tree.state("mlx5_0", "2: INIT", "5: LinkUp");
  CHECK(judged(tree.facts(), "rdma.port") == "fail/no_subnet_manager node mlx5_0/1");
}

TEST_CASE("a limited key, and one that is not there") {
  Adapters tree;
  tree.infiniband("mlx5_0");
  tree.file(Adapters::port("mlx5_0") + "pkeys/0", "0x7fff\n");
  CHECK(judged(tree.facts(), "rdma.pkey") == "warn/limited node mlx5_0/1");
  tree.variables["NCCL_IB_PKEY"] = "1";
  CHECK(judged(tree.facts(), "rdma.pkey") == "fail/index user mlx5_0/1");
  tree.file(Adapters::port("mlx5_0") + "pkeys/40", "0x8012\n");
  tree.variables["NCCL_IB_PKEY"] = "40";
  CHECK(judged(tree.facts(), "rdma.pkey") == "pass mlx5_0/1");
}

TEST_CASE("ports that are down: the cable, the switch, and those that do not matter") {
  Adapters tree;
  tree.infiniband("mlx5_0");
  tree.infiniband("mlx5_1");
  tree.state("mlx5_1", "1: DOWN", "2: Polling");
  CHECK(judged(tree.facts(), "rdma.port") == "pass mlx5_0/1, fail/down hardware mlx5_1/1");
  tree.state("mlx5_1", "1: DOWN", "3: Disabled");
  CHECK(judged(tree.facts(), "rdma.port") == "pass mlx5_0/1, fail/disabled node mlx5_1/1");
  tree.variables["NCCL_IB_HCA"] = "^=mlx5_1";
  CHECK(judged(tree.facts(), "rdma.port") == "pass mlx5_0/1, skip mlx5_1/1");
  tree.file(Adapters::port("mlx5_1") + "link_layer", "Ethernet\n");
  tree.variables.clear();
  CHECK(judged(tree.facts(), "rdma.port") == "pass mlx5_0/1, warn/disabled node mlx5_1/1");
  tree.variables["NCCL_IB_HCA"] = "mlx5_1:1";
  CHECK(judged(tree.facts(), "rdma.port") == "skip mlx5_0/1, fail/disabled node mlx5_1/1");
}

TEST_CASE("a port slower than its siblings or than what is expected") {
  Adapters tree;
  tree.infiniband("mlx5_0");
  tree.infiniband("mlx5_1");
  tree.file(Adapters::port("mlx5_1") + "rate", "100 Gb/sec (1X NDR)\n");
  CHECK(judged(tree.facts(), "rdma.port") == "pass mlx5_0/1, warn/slower hardware mlx5_1/1");
  diagnosis::Expectations expect;
  expect.rate = "400";
  CHECK(judged(tree.facts(), "rdma.port", expect) == "pass mlx5_0/1, fail/rate hardware mlx5_1/1");
}

TEST_CASE("device files: missing, of others, and forbidden") {
  Adapters tree;
  tree.adapter("mlx5_0", "InfiniBand", false);
  gpu::Facts facts = tree.facts();
  CHECK(facts.rdma.adapters[0].verbs_open_error == ENOENT);
  CHECK(facts.rdma.adapters[0].ports.empty());  // not ours to ask
  CHECK(judged(facts, "rdma.dev") == "warn/missing runtime");
  CHECK(judged(facts, "rdma.gdr").empty());
  facts.place.variables["NCCL_IB_HCA"] = "mlx5";
  CHECK(judged(facts, "rdma.dev") == "fail/missing runtime");
  facts.rdma.adapters[0].verbs_open_error = EPERM;
  CHECK(judged(facts, "rdma.dev") == "fail/cgroup runtime mlx5_0");
  facts.rdma.adapters[0].verbs_open_error = EACCES;
  CHECK(judged(facts, "rdma.dev") == "fail/mode runtime mlx5_0");
  tree.infiniband("mlx5_1");
  CHECK(judged(tree.facts(), "rdma.dev") == "pass");  // one of two is ours
  facts.driver.nodes.clear();
  CHECK(judged(facts, "rdma.dev").empty());  // no GPU
}

TEST_CASE("a virtual function without a GUID waits for its host") {
  Adapters tree;
  tree.infiniband("mlx5_2");
  tree.link("/sys/class/infiniband/mlx5_2/device/physfn", "../0000:50:00.0");
  CHECK(judged(tree.facts(), "rdma.vf") == "pass mlx5_2/1");
  tree.file("/sys/class/infiniband/mlx5_2/node_guid", "0000:0000:0000:0000\n");
  CHECK(judged(tree.facts(), "rdma.vf") == "fail/no_guid node mlx5_2/1");
}

TEST_CASE("counters are read with --deep alone, and not of those who would refuse") {
  Adapters tree;
  tree.infiniband("mlx5_0");
  const std::string counters = tree.dir.path() + Adapters::port("mlx5_0") + "counters";
  const int watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  REQUIRE(::inotify_add_watch(watch, counters.c_str(), IN_OPEN) >= 0);
  const auto opened = [&] {
    char events[4096];
    return ::read(watch, events, sizeof events) > 0;
  };
  CHECK(!tree.facts().rdma.adapters.empty());
  CHECK(!opened());
  CHECK(tree.facts(true).rdma.adapters[0].ports.at(0).counters.at("symbol_error") == "0");
  CHECK(opened());
  tree.state("mlx5_0", "1: DOWN", "2: Polling");
  CHECK(tree.facts(true).rdma.adapters[0].ports.at(0).counters.empty());
  CHECK(!opened());
  tree.state("mlx5_0", "4: ACTIVE", "5: LinkUp");
  tree.link("/sys/class/infiniband/mlx5_0/device/physfn", "../0000:50:00.0");
  CHECK(tree.facts(true).rdma.adapters[0].ports.at(0).counters.empty());
  CHECK(!opened());
  std::filesystem::remove(tree.dir / "sys/class/infiniband/mlx5_0/device/physfn");
  std::filesystem::remove(tree.dir / "dev/infiniband/uverbs0");
  CHECK(tree.facts(true).rdma.adapters[0].ports.empty());
  CHECK(!opened());
  ::close(watch);
}

TEST_CASE("a counter that the kernel refuses ends the reading, and is not asked again") {
  Adapters tree;
  tree.infiniband("mlx5_0");
  std::filesystem::remove(tree.dir.path() + Adapters::port("mlx5_0") + "counters/symbol_error");
  tree.link(Adapters::port("mlx5_0") + "counters/link_downed", support::kRefused);
  const int watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  REQUIRE(::inotify_add_watch(watch, support::kRefused, IN_OPEN) >= 0);
  gpu::Facts facts = tree.facts(true);
  CHECK(facts.rdma.adapters[0].ports.at(0).counters.empty());
  gpu::CollectOptions options = tree.options();
  options.deep = true;
  gpu::read_rdma_again(options, facts.rdma);
  char events[4096];
  CHECK(::read(watch, events, sizeof events) == sizeof(inotify_event));  // opened once
  ::close(watch);
}

TEST_CASE("counters that moved under load") {
  Adapters tree;
  tree.infiniband("mlx5_0");
  gpu::Facts facts = tree.facts(true);
  gpu::CollectOptions options = tree.options();
  options.deep = true;
  gpu::read_rdma_again(options, facts.rdma);
  CHECK(judged(facts, "rdma.counters") == "pass mlx5_0/1");
  tree.file(Adapters::port("mlx5_0") + "counters/symbol_error", "9\n");
  gpu::read_rdma_again(options, facts.rdma);
  CHECK(judged(facts, "rdma.counters") == "warn hardware mlx5_0/1");
  facts.rdma.adapters[0].ports[0].counters["link_downed"] = "0";
  facts.rdma.adapters[0].ports[0].counters_at_end["link_downed"] = "1";
  CHECK(judged(facts, "rdma.counters") == "fail hardware mlx5_0/1");
}

TEST_CASE("GPUDirect RDMA: peer memory, dma-bufs, or neither") {
  Adapters tree;
  tree.infiniband("mlx5_0");
  gpu::Facts facts = tree.facts();
  CHECK(judged(facts, "rdma.gdr") == "unknown");
  facts.probes.cuda.gpus.emplace_back().attributes["dma_buf"] = "1";
  facts.probes.cuda.gpus[0].address = "0000:3b:00.0";
  CHECK(judged(facts, "rdma.gdr") == "unknown");
  facts.rdma.dmabuf_registers = true;
  CHECK(judged(facts, "rdma.gdr") == "pass");
  facts.rdma.dmabuf_registers = false;
  CHECK(judged(facts, "rdma.gdr") == "warn/verbs node");
  diagnosis::Expectations expect;
  expect.gdr = "required";
  CHECK(judged(facts, "rdma.gdr", expect) == "fail/verbs node");
  facts.rdma.dmabuf_registers = true;
  facts.probes.cuda.gpus[0].attributes["dma_buf"] = "0";
  CHECK(judged(facts, "rdma.gdr") == "warn/driver node");
  facts.place.kernel = "5.4.0-150-generic";
  CHECK(judged(facts, "rdma.gdr") == "warn/old_kernel node");
  tree.file("/sys/kernel/mm/memory_peers/nv_mem/version", "1.1-0\n");
  CHECK(judged(tree.facts(), "rdma.gdr") == "pass");
  tree.file("/sys/module/nvidia_peermem/version", "550.90.07\n");
  CHECK(tree.facts().rdma.peermem_version == "550.90.07");
}

TEST_CASE("an adapter across the sockets is far") {
  Adapters tree;
  tree.infiniband("mlx5_0");
  gpu::Facts facts = tree.facts();
  facts.driver.pci[0].path = "pci0000:80/0000:80:01.0/0000:3b:00.0";
  facts.driver.pci[0].numa_node = 1;
  CHECK(judged(facts, "rdma.topo") == "warn/sys runtime 0000:3b:00.0");
  facts.driver.pci[0].numa_node = 0;
  CHECK(judged(facts, "rdma.topo") == "warn/far runtime 0000:3b:00.0");
}

TEST_CASE("NCCL's lists of names, by its grammar") {
  Adapters tree;
  tree.infiniband("mlx5_0");
  tree.infiniband("mlx5_10");
  tree.interface("eth0");
  const auto with = [&](const char* name, const char* value) {
    tree.variables = {{name, value}};
    return judged(tree.facts(), "rdma.env");
  };
  CHECK(with("NCCL_IB_HCA", "mlx5") == "pass");
  CHECK(with("NCCL_IB_HCA", "=mlx5_1") == "fail/hca user");
  CHECK(with("NCCL_IB_HCA", "mlx5_1") == "pass");  // the beginning of mlx5_10
  CHECK(with("NCCL_IB_HCA", "=mlx5_0:2,mlx5_10:1") == "pass");
  CHECK(with("NCCL_IB_HCA", "=mlx5_0:2") == "fail/hca user");
  CHECK(with("NCCL_IB_HCA", "^mlx5") == "fail/hca user");
  CHECK(with("NCCL_IB_HCA", "^=mlx5") == "pass");
  CHECK(with("NCCL_SOCKET_IFNAME", "eth") == "pass");
  CHECK(with("NCCL_SOCKET_IFNAME", "ib0,ens") == "fail/interface user");
  CHECK(with("NCCL_SOCKET_IFNAME", "^eth") == "fail/interface user");
  CHECK(with("NCCL_NET_PLUGIN", "aws-ofi") == "warn/plugin image");
  tree.file("/opt/plugins/libnccl-net-aws-ofi.so", "fake");
  tree.variables["LD_LIBRARY_PATH"] = "/opt/plugins";
  CHECK(judged(tree.facts(), "rdma.env") == "pass");
  CHECK(with("NCCL_NET_PLUGIN", "none").empty());
}
