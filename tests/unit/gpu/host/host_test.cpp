#include "../../../../src/gpu/collectors.hpp"
#include "../../../../src/gpu/host/parts.hpp"
#include "../driver/tree.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>

using namespace toolkit::gpu;
using toolkit::support::TempDir;
using toolkit::support::Tree;

namespace {

// Configuration space with two extended capabilities, the second ACS with `control`.
std::string configuration(unsigned char control) {
  std::string bytes(4096, '\0');
  const std::string aer("\x01\x00\x01\x14", 4);  // AER, the next at 0x140
  bytes.replace(0x100, 4, aer);
  bytes.replace(0x140, 4, std::string("\x0d\x00\x01\x00", 4));
  bytes[0x146] = static_cast<char>(control);
  return bytes;
}

}  // namespace

TEST_CASE("33 MB are taken from a directory and given back, or the errno says why not") {
  const TempDir dir;
  const int error = try_allocation(dir.path());
  CHECK((error == 0 || error == ENOSPC));
  CHECK(std::filesystem::is_empty(dir.path()));
  CHECK(try_allocation(dir / "none") == ENOENT);
  CHECK(try_allocation("/proc") != 0);
}

TEST_CASE("NCCL's files are leftovers unless a process has them mapped") {
  Tree tree;
  tree.file("/dev/shm/nccl-AAAAAA", std::string(5000, 'x'));
  tree.file("/dev/shm/nccl-BBBBBB", "x");
  tree.file("/dev/shm/other", "x");
  tree.file("/proc/12/maps", "7f00-7f01 rw-s 00000000 00:1b 3   /dev/shm/nccl-BBBBBB\n");
  HostFacts host;
  find_stale_shm(tree.dir / "dev/shm", tree.dir / "proc", host);
  CHECK(host.stale_shm == std::vector<std::string>{"nccl-AAAAAA"});
  CHECK(host.stale_shm_bytes.value_or(0) >= 4096);
}

TEST_CASE("the ACS control register is found along the capabilities") {
  CHECK(acs_control(configuration(0x1d)) == 0x1dU);
  CHECK(!acs_control(configuration(0x1d).substr(0, 64)));  // without privilege
  CHECK(!acs_control(configuration(0x1d).substr(0, 0x144)));
  std::string loop(4096, '\0');
  loop.replace(0x100, 4, std::string("\x01\x00\x01\x10", 4));  // points at itself
  CHECK(!acs_control(loop));
}

TEST_CASE("the way of GPUs past the CPU: IOMMU, kernel options, bridges") {
  Tree tree;
  tree.file("/sys/class/iommu/dmar0/x", "");
  tree.file("/proc/cmdline", "root=/dev/sda1 password=secret intel_iommu=on iommu=pt\n");
  tree.file("/sys/bus/pci/devices/0000:3b:00.0/iommu_group/type", "DMA-FQ\n");
  tree.file("/sys/bus/pci/devices/0000:3a:00.0/config", configuration(0x1c));
  HostFacts host;
  read_iommu(tree.dir.path(), {{"0000:3b:00.0", "pci0000:3a/0000:3a:00.0/0000:3b:00.0"}}, host);
  CHECK(host.iommus == std::vector<std::string>{"dmar0"});
  CHECK(host.kernel_options == "intel_iommu=on iommu=pt");
  CHECK(host.iommu_types.at("0000:3b:00.0") == "DMA-FQ");
  CHECK(host.acs_control.at("0000:3a:00.0") == 0x1c);
  CHECK(host.acs_hidden == false);
  tree.file("/sys/bus/pci/devices/0000:3a:00.0/config", configuration(0x1c).substr(0, 64));
  host = {};
  read_iommu(tree.dir.path(), {{"0000:3b:00.0", "pci0000:3a/0000:3a:00.0/0000:3b:00.0"}}, host);
  CHECK(host.acs_hidden == true);
}

TEST_CASE("the kernel's log gives the driver's lines alone") {
  Tree tree;
  CHECK(!read_kernel_log(tree.dir.path()));
  tree.file("/dev/kmsg", "4,1,2,-;NVRM: Xid (PCI:0000:3b:00): 79\n");
  CHECK(read_kernel_log(tree.dir.path()) == "4,1,2,-;NVRM: Xid (PCI:0000:3b:00): 79\n");
  tree.file("/dev/kmsg", "4,1,2,-;usb 1-1: new device\n");
  CHECK(read_kernel_log(tree.dir.path()) == "");
}

TEST_CASE("the host as it is here") {
  CollectOptions options;
  const auto machine = toolkit::machine::read_facts();
  const HostFacts host = read_host(options, machine, {});
  CHECK(host.limits.contains("memlock"));
  CHECK(host.limits.contains("nofile"));
  CHECK(!host.allowed_cpus.empty());
  CHECK(host.memory_total.value_or(0) > 0);
  CHECK(host.shm_allocation_error.has_value());
  CHECK(host.mempolicy_error.has_value());
  CHECK(!host.acs_hidden);
}

TEST_CASE("AMD's GPUs are nodes of the topology with SIMDs") {
  Tree tree;
  CHECK(!read_amd(tree.options()).kfd_open_error);
  const std::string nodes = "/sys/class/kfd/kfd/topology/nodes/";
  tree.file(nodes + "0/properties", "cpu_cores_count 64\nsimd_count 0\n");
  tree.file(nodes + "1/properties",
            "simd_count 304\nlocation_id 1280\ndomain 0\ndrm_render_minor 128\n");
  const std::string device = "/sys/bus/pci/devices/0000:05:00.0/";
  tree.file(device + "unique_id", "1234\n");
  tree.file(device + "mem_info_vram_total", "206141652992\n");
  tree.file(device + "ras/umc_err_count", "ue: 1\nce: 0\n");
  tree.file("/dev/dri/renderD128", "");
  const AmdFacts amd = read_amd(tree.options());
  CHECK(amd.kfd_open_error == ENOENT);
  REQUIRE(amd.gpus.size() == 1);
  CHECK(amd.gpus[0].address == "0000:05:00.0");
  CHECK(amd.gpus[0].unique_id == "1234");
  CHECK(amd.gpus[0].render_open_error == 0);
  CHECK(amd.gpus[0].values.at("ras/umc_err_count") == "ue: 1\nce: 0");
  CHECK(amd.gpus[0].values.at("mem_info_vram_total") == "206141652992");
}
