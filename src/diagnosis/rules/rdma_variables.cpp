#include "reach.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/gpu/topology.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::diagnosis {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : " ") + name;
  }
  return text.empty() ? "none" : text;
}

// NCCL takes beginnings of names, so a list that is not empty can still match nothing.
std::optional<Finding> judge_adapters(const gpu::Facts& facts) {
  const std::string* list = asked(facts, "NCCL_IB_HCA");
  const auto ports = ports_here(facts);
  if (list == nullptr || facts.rdma.adapters.empty() || gpu::adapters_here(facts.rdma).empty()) {
    return std::nullopt;  // rdma.dev has said so
  }
  std::vector<std::string> here;
  for (const PortHere& port : ports) {
    here.push_back(fmt::format("{}:{}", port.adapter->name, port.port->number));
  }
  std::vector<std::string> seen{"NCCL_IB_HCA=" + *list, "ports here: " + joined(here)};
  const bool any = std::ranges::any_of(ports, [](const PortHere& port) { return !port.left_out; });
  return any ? marked(pass("NCCL_IB_HCA names adapters that are here", std::move(seen)), "")
             : marked(fail(Owner::user, "NCCL_IB_HCA leaves no adapter of this container",
                           "unset NCCL_IB_HCA, or name adapters that are here", std::move(seen)),
                      "hca");
}

std::optional<Finding> judge_interfaces(const gpu::Facts& facts) {
  const std::string* list = asked(facts, "NCCL_SOCKET_IFNAME");
  if (list == nullptr || facts.rdma.interfaces.empty()) {
    return std::nullopt;
  }
  const NameList names(*list);
  std::vector<std::string> seen{"NCCL_SOCKET_IFNAME=" + *list,
                                "interfaces here: " + joined(facts.rdma.interfaces)};
  const bool any = std::ranges::any_of(facts.rdma.interfaces,
                                       [&](const std::string& name) { return names.takes(name); });
  return any ? marked(pass("NCCL_SOCKET_IFNAME names interfaces that are here", std::move(seen)),
                      "")
             : marked(fail(Owner::user, "NCCL_SOCKET_IFNAME matches no interface here",
                           "unset NCCL_SOCKET_IFNAME, or name an interface that is here",
                           std::move(seen)),
                      "interface");
}

// openPluginLib: NAME as it is, then libnccl-net-NAME.so.
bool is_found(const std::vector<std::string>& plugins, std::string_view name) {
  return std::ranges::any_of(plugins, [&](const std::string& path) {
    const std::string_view file = std::string_view(path).substr(path.rfind('/') + 1);
    return path == name || file == name || file == fmt::format("libnccl-net-{}.so", name);
  });
}

std::optional<Finding> judge_plugin(const gpu::Facts& facts) {
  const std::string* wanted = asked(facts, "NCCL_NET_PLUGIN");
  if (wanted == nullptr || *wanted == "none" || wanted->find('/') != wanted->npos) {
    return std::nullopt;
  }
  std::vector<std::string> missing;
  for (const std::string_view name : split(*wanted, ',')) {
    if (!name.empty() && !is_found(facts.rdma.net_plugins, name)) {
      missing.emplace_back(name);
    }
  }
  std::vector<std::string> seen{"NCCL_NET_PLUGIN=" + *wanted,
                                "plugins here: " + joined(facts.rdma.net_plugins)};
  return missing.empty() ? marked(pass("NCCL_NET_PLUGIN is in the image", std::move(seen)), "")
                         : marked(warn(Owner::image,
                                       fmt::format("NCCL's plugin {} is not where the loader looks",
                                                   joined(missing)),
                                       "install it, or unset NCCL_NET_PLUGIN", std::move(seen)),
                                  "plugin");
}

// Amazon's adapters speak neither InfiniBand nor RoCE: NCCL itself passes them over.
std::optional<Finding> judge_efa(const gpu::Facts& facts) {
  const auto here = gpu::adapters_here(facts.rdma);
  const auto efa = std::ranges::find(here, "efa", &gpu::RdmaAdapter::driver);
  if (efa == here.end()) {
    return std::nullopt;
  }
  std::vector<std::string> seen{fmt::format("/sys/class/infiniband/{}: driver efa", (*efa)->name),
                                "plugins here: " + joined(facts.rdma.net_plugins)};
  return !facts.rdma.net_plugins.empty()
             ? marked(pass("a network plugin for EFA is in the image", std::move(seen)), "")
             : marked(warn(Owner::image,
                           "EFA adapters need a plugin that is not here: NCCL will use TCP",
                           "install aws-ofi-nccl in the image, where the loader looks",
                           std::move(seen)),
                      "efa_plugin");
}

}  // namespace

std::vector<Finding> judge_rdma_variables(const Question& question) {
  std::vector<Finding> found;
  if (count_gpus(question.facts) == 0) {
    return found;
  }
  for (const auto judge : {judge_adapters, judge_interfaces, judge_plugin, judge_efa}) {
    if (auto finding = judge(question.facts)) {
      found.push_back(std::move(*finding));
    }
  }
  return found;
}

}  // namespace toolkit::diagnosis
