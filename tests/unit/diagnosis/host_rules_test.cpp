#include "judged.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using toolkit::gpu::Facts;
using toolkit::support::judged;

namespace {

constexpr std::uint64_t kGibi = 1ULL << 30, kMebi = 1ULL << 20;

// Two GPUs beside CPUs 0-31, and an adapter.
Facts place() {
  Facts facts;
  for (int i = 0; i < 2; ++i) {
    auto& node = facts.driver.nodes.emplace_back();
    node.path = "/dev/nvidia" + std::to_string(i);
    node.exists = true;
    auto& device = facts.driver.pci.emplace_back();
    device.vendor = 0x10de;
    device.class_code = 0x030200;
    device.address = i == 0 ? "0000:3b:00.0" : "0000:86:00.0";
    device.local_cpus = i == 0 ? "0-15" : "16-31";
  }
  auto& adapter = facts.rdma.adapters.emplace_back();
  adapter.name = "mlx5_0";
  adapter.verbs_open_error = 0;
  facts.place.capabilities = 0;
  facts.host.shm_total = 8 * kGibi;
  facts.host.shm_allocation_error = 0;
  facts.host.limits = {{"memlock", "unlimited"}, {"nofile", "1048576"}};
  facts.host.allowed_cpus = "0-31";
  facts.host.memory_total = 512 * kGibi;
  return facts;
}

Facts amd_place() {
  Facts facts;
  facts.amd.kfd_open_error = 0;
  auto& gpu = facts.amd.gpus.emplace_back();
  gpu.address = "0000:05:00.0";
  gpu.render_minor = 128;
  gpu.render_open_error = 0;
  gpu.values = {{"ras/umc_err_count", "ue: 0\nce: 0"},
                {"mem_info_vram_total", "206141652992"},
                {"mem_info_vram_used", "12345678"}};
  return facts;
}

}  // namespace

TEST_CASE("shared memory: too small, full, full of leftovers, or a container's default") {
  Facts facts = place();
  CHECK(judged(facts, "sys.shm") == "pass");
  facts.host.shm_total = 64 * kMebi;
  CHECK(judged(facts, "sys.shm") == "fail/small runtime");
  facts.driver.nodes.resize(1);
  CHECK(judged(facts, "sys.shm") == "warn/default runtime");
  facts.host.shm_total = 8 * kGibi;
  facts.host.shm_allocation_error = ENOSPC;
  CHECK(judged(facts, "sys.shm") == "fail/full runtime");
  facts.host.stale_shm = {"nccl-AAAAAA"};
  CHECK(judged(facts, "sys.shm") == "fail/stale user");
  facts.host.stale_shm.clear();
  facts.host.shm_allocation_error = EACCES;
  CHECK(judged(facts, "sys.shm") == "fail/unwritable runtime");
  facts.host.shm_allocation_error = EOPNOTSUPP;
  CHECK(judged(facts, "sys.shm") == "pass");
  facts.host.shm_total.reset();
  CHECK(judged(facts, "sys.shm") == "unknown");
  facts.driver.nodes.clear();
  CHECK(judged(facts, "sys.shm").empty());
}

TEST_CASE("locked memory matters where RDMA is") {
  Facts facts = place();
  CHECK(judged(facts, "sys.limits") == "pass");
  facts.host.limits["memlock"] = "8388608";
  CHECK(judged(facts, "sys.limits") == "fail/memlock runtime");
  facts.place.capabilities = 1 << 14;
  CHECK(judged(facts, "sys.limits") == "pass");
  facts.place.capabilities = 0;
  facts.host.limits["memlock"] = std::to_string(16 * kGibi);
  CHECK(judged(facts, "sys.limits") == "warn/memlock runtime");
  facts.host.memory_max = 16 * kGibi;
  CHECK(judged(facts, "sys.limits") == "pass");
  facts.host.limits["memlock"] = "65536";
  facts.rdma.adapters.clear();
  CHECK(judged(facts, "sys.limits") == "pass");
}

TEST_CASE("files, threads, memory and NUMA policy are warnings") {
  Facts facts = place();
  facts.host.limits["nofile"] = "1024";
  CHECK(judged(facts, "sys.limits") == "pass, warn/nofile runtime");
  facts = place();
  facts.host.pids_max = 100;
  CHECK(judged(facts, "sys.limits") == "pass, warn/pids runtime");
  facts.host.pids_max = 200;
  CHECK(judged(facts, "sys.limits") == "pass");
  facts.host.pids_current = 150;
  CHECK(judged(facts, "sys.limits") == "pass, warn/pids runtime");
  facts = place();
  facts.probes.nvml.gpus.emplace_back().values["memory.total"] = std::to_string(80 * kGibi);
  facts.host.memory_max = 64 * kGibi;
  CHECK(judged(facts, "sys.limits") == "pass, warn/memory runtime");
  facts = place();
  facts.host.mempolicy_error = EPERM;
  CHECK(judged(facts, "sys.limits") == "pass, warn/mempolicy runtime");
}

TEST_CASE("a GPU whose CPUs are not ours") {
  Facts facts = place();
  facts.host.allowed_cpus = "0-7";
  facts.driver.proc_gpus = {{"0000:3b:00.0", "", "", "", 0}, {"0000:86:00.0", "", "", "", 1}};
  CHECK(judged(facts, "hw.numa") == "pass 0000:3b:00.0, warn/far runtime 0000:86:00.0");
  facts.driver.pci[1].local_cpus.clear();
  CHECK(judged(facts, "hw.numa") == "pass 0000:3b:00.0, unknown 0000:86:00.0");
}

TEST_CASE("ACS and IOMMU between GPUs") {
  Facts facts = place();
  CHECK(judged(facts, "nvlink.acs").empty());
  facts.host.acs_hidden = true;
  CHECK(judged(facts, "nvlink.acs") == "unknown");
  facts.host.iommu_types["0000:3b:00.0"] = "DMA-FQ";
  CHECK(judged(facts, "nvlink.acs") == "warn/iommu node");
  facts.host.acs_control["0000:3a:00.0"] = 0x1d;
  CHECK(judged(facts, "nvlink.acs") == "warn/redirect node");
  facts.host.acs_control["0000:3a:00.0"] = 0x11;  // source validation and forwarding alone
  facts.host.iommu_types["0000:3b:00.0"] = "identity";
  facts.host.acs_hidden = false;
  CHECK(judged(facts, "nvlink.acs") == "pass");
  facts.driver.nodes.resize(1);
  facts.rdma.adapters.clear();
  CHECK(judged(facts, "nvlink.acs").empty());  // nobody to talk to
}

TEST_CASE("AMD: the compute device and the render nodes") {
  Facts facts = amd_place();
  CHECK(judged(facts, "amd.kfd") == "pass");
  CHECK(judged(facts, "amd.render") == "pass 0000:05:00.0");
  facts.amd.kfd_open_error = ENOENT;
  CHECK(judged(facts, "amd.kfd") == "fail/missing runtime");
  facts.amd.kfd_open_error = EACCES;
  facts.amd.kfd_gid = 993;
  CHECK(judged(facts, "amd.kfd") == "fail/group runtime");
  CHECK(toolkit::support::judge(facts, "amd.kfd")[0].remedy.find("993") != std::string::npos);
  facts.amd.gpus[0].render_open_error = EPERM;
  CHECK(judged(facts, "amd.render") == "fail/cgroup runtime 0000:05:00.0");
  facts.amd.gpus[0].render_open_error = ENOENT;
  CHECK(judged(facts, "amd.render") == "fail/missing runtime");
  facts.amd.kfd_open_error = 0;
  facts.amd.gpus.clear();
  CHECK(judged(facts, "amd.kfd") == "fail/no_gpu node");
  CHECK(judged({}, "amd.kfd").empty());
}

TEST_CASE("AMD: errors, pages, memory and variables") {
  Facts facts = amd_place();
  CHECK(judged(facts, "amd.ras") == "pass 0000:05:00.0");
  facts.amd.gpus[0].values["ras/umc_err_count"] = "ue: 0\nce: 3";
  CHECK(judged(facts, "amd.ras") == "warn/corrected hardware 0000:05:00.0");
  facts.amd.gpus[0].values["ras/umc_err_count"] = "ue: 2\nce: 3";
  CHECK(judged(facts, "amd.ras") == "fail/uncorrected hardware 0000:05:00.0");
  facts.amd.gpus[0].values = {{"ras/gpu_vram_bad_pages", "0x1 : 0x1000 : R\n0x2 : 0x1000 : P"}};
  CHECK(judged(facts, "amd.ras") == "skip 0000:05:00.0, warn/pages hardware 0000:05:00.0");
  facts = amd_place();
  CHECK(judged(facts, "amd.memory") == "pass 0000:05:00.0");
  facts.amd.gpus[0].values["mem_info_vram_used"] = "99999999999";
  CHECK(judged(facts, "amd.memory") == "warn/used user 0000:05:00.0");
  CHECK(judged(facts, "amd.visible").empty());
  facts.place.variables["ROCR_VISIBLE_DEVICES"] = "0";
  CHECK(judged(facts, "amd.visible") == "pass");
  facts.place.variables["HIP_VISIBLE_DEVICES"] = "1";
  CHECK(judged(facts, "amd.visible") == "pass, fail/index user");
  facts.place.variables["HIP_VISIBLE_DEVICES"] = "GPU-123";
  CHECK(judged(facts, "amd.visible") == "pass, pass");
}
