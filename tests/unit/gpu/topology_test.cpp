#include <toolkit/gpu/topology.hpp>

#include <doctest/doctest.h>

using namespace toolkit::gpu;

namespace {

// A switch below a root port: upstream 3b:00.0, downstream 3c:0N.0.
constexpr std::string_view kGpu = "pci0000:3a/0000:3a:00.0/0000:3b:00.0/0000:3c:08.0/0000:3d:00.0";

std::string_view from_gpu(std::string_view path, std::optional<int> ours = 0,
                          std::optional<int> theirs = 0) {
  const PciPlace gpu{kGpu, ours}, other{path, theirs};
  CHECK(distance_between(gpu, other) == distance_between(other, gpu));
  return distance_name(distance_between(gpu, other));
}

}  // namespace

TEST_CASE("distances on the PCI bus are those of nvidia-smi topo") {
  CHECK(from_gpu("pci0000:3a/0000:3a:00.0/0000:3b:00.0/0000:3c:04.0/0000:3e:00.0") == "PIX");
  CHECK(from_gpu("pci0000:3a/0000:3a:00.0/0000:3b:00.0/0000:3c:08.0/0000:3d:00.1") == "PIX");
  CHECK(from_gpu("pci0000:3a/0000:3a:00.0/0000:3b:00.0/0000:3c:10.0/0000:3f:00.0/0000:40:00.0/"
                 "0000:41:00.0") == "PXB");
  CHECK(from_gpu("pci0000:3a/0000:3a:02.0/0000:50:00.0") == "PHB");
  CHECK(from_gpu("pci0000:5d/0000:5d:00.0/0000:5e:00.0") == "NODE");
  CHECK(from_gpu("pci0000:5d/0000:5d:00.0/0000:5e:00.0", 0, 1) == "SYS");
  CHECK(from_gpu("pci0000:5d/0000:5d:00.0/0000:5e:00.0", -1, -1) == "NODE");
  CHECK(from_gpu("pci0000:5d/0000:5d:00.0/0000:5e:00.0", 0, std::nullopt) == "?");
  CHECK(from_gpu("") == "?");
  CHECK(from_gpu("virtual") == "?");
}

TEST_CASE("the table has the GPUs of the bus and the adapters whose device file is here") {
  Facts facts;
  PciDevice& device = facts.driver.pci.emplace_back();
  device.vendor = 0x10de;
  device.class_code = 0x030200;
  device.path = kGpu;
  device.numa_node = 0;
  device.address = "0000:3d:00.0";
  facts.rdma.adapters.resize(2);
  facts.rdma.adapters[0].name = "mlx5_0";
  facts.rdma.adapters[0].verbs_open_error = 0;
  facts.rdma.adapters[0].pci_path =
      "pci0000:3a/0000:3a:00.0/0000:3b:00.0/0000:3c:04.0/0000:3e:00.0";
  facts.rdma.adapters[1].name = "mlx5_1";
  const AdapterTable table = adapter_table(facts);
  CHECK(table.adapters == std::vector<std::string>{"mlx5_0"});
  REQUIRE(table.rows.size() == 1);
  CHECK(table.rows[0].gpu == "0000:3d:00.0");
  CHECK(table.rows[0].distances == std::vector{Distance::pix});
}

TEST_CASE("lists of CPUs meet or not, or cannot be told") {
  CHECK(cpu_lists_meet("0-3,8", "4-7,8\n") == true);
  CHECK(cpu_lists_meet("0-3", "4-7") == false);
  CHECK(!cpu_lists_meet("", "4-7"));
  CHECK(!cpu_lists_meet("x", "4-7"));
  CHECK(cpu_count("0-31,64") == 33);
  CHECK(!cpu_count(""));
}
