// From GPU memory to the wire.
#include "reach.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/gpu/topology.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::diagnosis {
namespace {

using gpu::Distance;
using gpu::RdmaFacts;

bool has_kernel(std::string_view release, long long major, long long minor) {
  const auto parts = split(release.substr(0, release.find('-')), '.');
  const auto first = parse_whole(parts[0]);
  const auto second = parts.size() > 1 ? parse_whole(parts[1]) : std::nullopt;
  return first && second && (*first > major || (*first == major && *second >= minor));
}

// CUDA's attribute 124, of all GPUs; nothing when none was asked.
std::optional<bool> gpus_give_dmabuf(const gpu::CudaFacts& cuda) {
  std::optional<bool> all;
  for (const gpu::CudaGpu& gpu : cuda.gpus) {
    if (const auto it = gpu.attributes.find("dma_buf"); it != gpu.attributes.end()) {
      all = all.value_or(true) && it->second == "1";
    }
  }
  return all;
}

Finding without(const Question& question, const std::string& why,
                std::vector<std::string> evidence) {
  const std::string cause = fmt::format("NCCL will use NET/IB without GDRDMA: {}", why);
  const std::string remedy =
      "on the node: `modprobe nvidia_peermem`, or the open kernel modules of the driver, which "
      "give "
      "dma-bufs on kernels from 5.12 on";
  return question.expect.gdr == "required" ? fail(Owner::node, cause, remedy, std::move(evidence))
                                           : warn(Owner::node, cause, remedy, std::move(evidence));
}

Finding judge_gdr(const Question& question) {
  const gpu::Facts& facts = question.facts;
  const RdmaFacts& rdma = facts.rdma;
  if (!rdma.peermem_version.empty()) {
    return pass("nvidia_peermem is loaded",
                {"/sys/module/nvidia_peermem/version: " + rdma.peermem_version});
  }
  if (!rdma.peer_memory_version.empty()) {
    return pass("nv_peer_mem is loaded",
                {"/sys/kernel/mm/memory_peers/nv_mem*/version: " + rdma.peer_memory_version});
  }
  const std::string none = "/sys/module/nvidia_peermem is not there";
  const std::string release = "uname -r: " + facts.place.kernel;
  if (!facts.place.kernel.empty() && !has_kernel(facts.place.kernel, 5, 12)) {
    return marked(without(question, "no peer memory module, and the kernel is older than 5.12",
                          {none, release}),
                  "old_kernel");
  }
  const auto given = gpus_give_dmabuf(facts.probes.cuda);
  if (rdma.dmabuf_registers == false) {
    return marked(without(question, "no peer memory module, and verbs take no dma-buf",
                          {none, release, "registration of a dma-buf: EOPNOTSUPP"}),
                  "verbs");
  }
  if (given == false) {
    return marked(without(question, "no peer memory module, and the driver gives no dma-bufs",
                          {none, "CU_DEVICE_ATTRIBUTE_DMA_BUF_SUPPORTED: 0"}),
                  "driver");
  }
  if (given && rdma.dmabuf_registers) {
    return pass(
        "dma-bufs: the driver gives them and verbs take them",
        {"CU_DEVICE_ATTRIBUTE_DMA_BUF_SUPPORTED: 1", "registration of descriptor -1: EBADF"});
  }
  return unknown(given ? "no peer memory module, and whether verbs take dma-bufs was not answered: "
                         "libibverbs.so.1 in the image would tell"
                       : "no peer memory module, and whether the driver gives dma-bufs was not "
                         "answered: CUDA would tell",
                 {none});
}

bool applies(const gpu::Facts& facts) {
  return !gpu::adapters_here(facts.rdma).empty() && !gpu::adapter_table(facts).rows.empty();
}

}  // namespace

std::vector<Finding> judge_rdma_gdr(const Question& question) {
  if (!applies(question.facts)) {
    if (question.expect.gdr == "required") {
      return {unknown("no adapter of ours and no NVIDIA GPU on the bus to look at")};
    }
    return {};
  }
  return {judge_gdr(question)};
}

std::vector<Finding> judge_rdma_topology(const Question& question) {
  if (!applies(question.facts)) {
    return {};
  }
  const gpu::AdapterTable table = gpu::adapter_table(question.facts);
  std::vector<Finding> found;
  for (const auto& row : table.rows) {
    const auto nearest = std::ranges::min_element(row.distances);
    const std::string& adapter =
        table.adapters[static_cast<std::size_t>(nearest - row.distances.begin())];
    const std::string words = fmt::format("{} {}", gpu::distance_name(*nearest), adapter);
    const std::string seen = fmt::format("PCI paths of {} and {} in sysfs", row.gpu, adapter);
    if (*nearest == Distance::unknown) {
      found.push_back(
          marked(unknown("sysfs does not say where the adapters are", {seen}), "", row.gpu));
    } else if (*nearest <= Distance::pxb) {
      found.push_back(marked(pass("nearest adapter: " + words, {seen}), "", row.gpu));
    } else {
      found.push_back(
          marked(warn(Owner::runtime,
                      fmt::format("the nearest adapter is {}: NCCL uses GPUDirect RDMA up to PXB "
                                  "by default",
                                  words),
                      "give the container the adapters beside its GPUs; in a virtual machine that "
                      "hides the bus, NCCL_TOPO_FILE or NCCL_NET_GDR_LEVEL=PHB",
                      {seen}),
                 *nearest == Distance::sys ? "sys" : "far", row.gpu));
    }
  }
  return found;
}

}  // namespace toolkit::diagnosis
