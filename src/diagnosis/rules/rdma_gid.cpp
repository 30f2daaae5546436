#include "reach.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::diagnosis {
namespace {

using gpu::RdmaGid;
using gpu::RdmaPort;

constexpr std::string_view kMappedIpv4 = "0000:0000:0000:0000:0000:ffff:";
constexpr std::string_view kLinkLocal = "fe80:";

bool is_ours(const RdmaGid& gid, const gpu::RdmaFacts& rdma) {
  return gid.error == 0 &&
         std::ranges::find(rdma.interfaces, gid.interface) != rdma.interfaces.end();
}

// IPv4 first, as NCCL does without NCCL_IB_ADDR_FAMILY; a link-local one only where all else fails.
int preference(const RdmaGid& gid) {
  return gid.gid.starts_with(kMappedIpv4) ? 0 : gid.gid.starts_with(kLinkLocal) ? 2 : 1;
}

const RdmaGid* best(const RdmaPort& port, const gpu::RdmaFacts& rdma) {
  const RdmaGid* chosen = nullptr;
  for (const RdmaGid& gid : port.gids) {
    if (is_ours(gid, rdma) && gid.type == "RoCE v2" &&
        (chosen == nullptr || preference(gid) < preference(*chosen))) {
      chosen = &gid;
    }
  }
  return chosen;
}

std::string described(const PortHere& here, const RdmaGid& gid) {
  return gid.error != 0 ? fmt::format("{}/gid_attrs/types/{}: {}", here.path, gid.index,
                                      errno_words(gid.error))
                        : fmt::format("{}/gids/{}: {} {} {}", here.path, gid.index, gid.gid,
                                      gid.type, gid.interface);
}

Finding unusable(const PortHere& here, const gpu::RdmaFacts& rdma) {
  std::vector<std::string> seen;
  for (const RdmaGid& gid : here.port->gids) {
    if (seen.size() < 4) {
      seen.push_back(described(here, gid));
    }
  }
  const bool ours =
      std::ranges::any_of(here.port->gids, [&](const RdmaGid& gid) { return is_ours(gid, rdma); });
  if (here.port->gids.empty()) {
    seen.push_back(here.path + "/gids: all are zero");
    return marked(fail(Owner::node, "the port has no GID: its interface has no address",
                       "give the adapter's interface an address, and bring it up", std::move(seen)),
                  "none", here.scope);
  }
  if (ours) {
    return marked(
        fail(Owner::node, "the port has no RoCE v2 GID, only v1",
             "enable RoCE v2 on the adapter (`cma_roce_mode`, firmware settings)", std::move(seen)),
        "v1", here.scope);
  }
  return marked(
      fail(Owner::runtime, "all GIDs of the port belong to interfaces of another network namespace",
           "run with the host's network (`--network host`, hostNetwork: true), or give "
           "the container an interface of the adapter (SR-IOV or macvlan CNI)",
           std::move(seen)),
      "foreign", here.scope);
}

Finding judge_asked(const PortHere& here, const gpu::RdmaFacts& rdma, const std::string& asked,
                    const RdmaGid& good) {
  const auto it = std::ranges::find(here.port->gids, asked,
                                    [](const RdmaGid& gid) { return std::to_string(gid.index); });
  const std::string remedy = fmt::format("set NCCL_IB_GID_INDEX={}", good.index);
  const std::string setting = "NCCL_IB_GID_INDEX=" + asked;
  if (it == here.port->gids.end() || !is_ours(*it, rdma)) {
    std::vector<std::string> seen{setting, described(here, good)};
    if (it != here.port->gids.end()) {
      seen.push_back(described(here, *it));
    }
    return marked(fail(Owner::user, setting + " names no GID of this network namespace", remedy,
                       std::move(seen)),
                  "index", here.scope);
  }
  if (it->type != "RoCE v2") {
    return marked(
        warn(Owner::user, setting + " names a GID of RoCE v1, which does not cross routers", remedy,
             {setting, described(here, *it), described(here, good)}),
        "v1", here.scope);
  }
  return marked(
      pass(setting + " names a GID of RoCE v2 of this network namespace", {described(here, *it)}),
      "", here.scope);
}

Finding judge(const PortHere& here, const Question& question) {
  const gpu::RdmaFacts& rdma = question.facts.rdma;
  const RdmaGid* good = best(*here.port, rdma);
  if (good == nullptr) {
    return unusable(here, rdma);
  }
  const std::string* asked_for = asked(question.facts, "NCCL_IB_GID_INDEX");
  if (asked_for != nullptr && *asked_for != "-1") {
    return judge_asked(here, rdma, *asked_for, *good);
  }
  return marked(
      pass(fmt::format("NCCL_IB_GID_INDEX={} would work; NCCL 2.21 and later find it", good->index),
           {described(here, *good)}),
      "", here.scope);
}

}  // namespace

std::vector<Finding> judge_rdma_gid(const Question& question) {
  std::vector<Finding> found;
  for (const PortHere& here : ports_here(question.facts)) {
    if (here.port->link_layer == "Ethernet" && is_active(*here.port) && !here.left_out) {
      found.push_back(judge(here, question));
    }
  }
  return found;
}

}  // namespace toolkit::diagnosis
