#include "reach.hpp"

#include "nvidia.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/gpu/inventory.hpp>
#include <toolkit/gpu/topology.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace toolkit::diagnosis {

Finding marked(Finding finding, const char* variant, std::string scope) {
  finding.variant = variant;
  finding.scope = std::move(scope);
  return finding;
}

const std::string* asked(const gpu::Facts& facts, const char* variable) {
  const auto it = facts.place.variables.find(variable);
  return it == facts.place.variables.end() || it->second.empty() ? nullptr : &it->second;
}

std::size_t count_gpus(const gpu::Facts& facts) {
  const gpu::Inventory inventory = gpu::take_inventory(facts);
  const auto files = std::ranges::count_if(facts.driver.nodes, [](const gpu::DeviceNode& node) {
    return node.exists && is_gpu_node(node);
  });
  const std::size_t amd = facts.amd.kfd_open_error == 0 ? facts.amd.gpus.size() : 0;
  return std::max({inventory.none_is_ours ? 0 : inventory.gpus.size() - facts.amd.gpus.size(),
                   static_cast<std::size_t>(files), amd});
}

bool has_capability(const gpu::Facts& facts, int number) {
  return facts.place.capabilities && (*facts.place.capabilities >> number & 1) != 0;
}

bool rdma_is_wanted(const Question& question) {
  const std::string* net = asked(question.facts, "NCCL_NET");
  return question.expect.gdr == "required" || !question.expect.rate.empty() ||
         asked(question.facts, "NCCL_IB_HCA") != nullptr ||
         (net != nullptr && (*net == "IB" || *net == "ib"));
}

std::string errno_words(int error) {
  constexpr std::array<std::pair<int, const char*>, 8> kNames{{{EPERM, "EPERM"},
                                                               {ENOENT, "ENOENT"},
                                                               {EACCES, "EACCES"},
                                                               {EINVAL, "EINVAL"},
                                                               {ENOSPC, "ENOSPC"},
                                                               {ENOSYS, "ENOSYS"},
                                                               {ENODEV, "ENODEV"},
                                                               {EROFS, "EROFS"}}};
  const auto it = std::ranges::find(kNames, error, [](const auto& pair) { return pair.first; });
  const std::string name = it == kNames.end() ? "errno " + std::to_string(error) : it->second;
  return fmt::format("{} ({})", name, std::strerror(error));
}

// parseStringList and matchIfList of NCCL, src/misc/utils.cc.
NameList::NameList(std::string_view text) {
  excludes_ = text.starts_with('^');
  text.remove_prefix(excludes_ ? 1 : 0);
  exact_ = text.starts_with('=');
  text.remove_prefix(exact_ ? 1 : 0);
  for (const std::string_view part : split(text, ',')) {
    const auto colon = part.find(':');
    const auto fields = split(part, ':');
    const auto port = colon == part.npos ? std::nullopt : parse_whole(fields[1]);
    if (colon != 0 && !part.empty()) {
      entries_.push_back({part.substr(0, colon), static_cast<int>(port.value_or(0))});
    }
  }
}

bool NameList::takes(std::string_view name, int port) const {
  const bool listed = entries_.empty() || std::ranges::any_of(entries_, [&](const Entry& entry) {
                        return (exact_ ? name == entry.name : name.starts_with(entry.name)) &&
                               (port == 0 || entry.port == 0 || entry.port == port);
                      });
  return listed != excludes_;
}

std::vector<PortHere> ports_here(const gpu::Facts& facts) {
  const std::string* text = asked(facts, "NCCL_IB_HCA");
  const NameList list(text != nullptr ? std::string_view(*text) : "");
  std::vector<PortHere> ports;
  if (count_gpus(facts) == 0) {
    return ports;  // RDMA matters to GPUs here
  }
  for (const gpu::RdmaAdapter* adapter : gpu::adapters_here(facts.rdma)) {
    for (const gpu::RdmaPort& port : adapter->ports) {
      PortHere& here = ports.emplace_back();
      here.adapter = adapter;
      here.port = &port;
      here.scope = fmt::format("{}/{}", adapter->name, port.number);
      here.path = fmt::format("/sys/class/infiniband/{}/ports/{}", adapter->name, port.number);
      const bool taken = text == nullptr || list.takes(adapter->name, port.number);
      here.named = text != nullptr && !list.excludes() && taken;
      here.left_out = !taken;
    }
  }
  return ports;
}

bool is_active(const gpu::RdmaPort& port) { return port.state.ends_with(": ACTIVE"); }

}  // namespace toolkit::diagnosis
