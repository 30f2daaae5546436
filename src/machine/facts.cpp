#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

namespace toolkit::machine {
namespace {

Python read_python(const Variables& variables) {
  const auto text = [&](std::string_view name) {
    return variables ? std::string(variables(name).value_or("")) : "";
  };
  return {text("CONDA_PREFIX"), text("CONDA_DEFAULT_ENV"), text("VIRTUAL_ENV")};
}

}  // namespace

std::optional<std::string> read_text(const std::string& root, std::string_view path) {
  auto text = read_kernel_file(root + std::string(path));
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  const auto number = parse_whole(trim(text));
  return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

std::optional<std::string_view> value_of(std::string_view text, std::string_view key) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ':') {
      return trim(line.substr(key.size() + 1));
    }
  }
  return std::nullopt;
}

Facts read_facts(const std::string& root, const Variables& variables, Adapters adapters) {
  Facts facts;
  if (auto mounts = read_file(root + "/proc/self/mountinfo")) {
    facts.self_mountinfo = std::move(*mounts);
  } else {
    facts.troubles.push_back(mounts.error().message);
  }
  facts.self_cgroup = read_text(root, "/proc/self/cgroup");
  const std::string groups = facts.self_cgroup.value_or("");
  const std::string mountinfo = facts.self_mountinfo.value_or("");
  facts.cpus = read_cpus(root);
  facts.memory = read_memory(root, mountinfo);
  facts.tasks = read_tasks(root);
  facts.limits = read_resource_limits();
  facts.shared_memory = read_shared_memory(root);
  facts.ports = read_ports(root);
  facts.user = read_user(root);
  facts.kernel = read_kernel(root);
  facts.runtime = detect_runtime(root, variables, groups, mountinfo, facts.kernel);
  facts.network = read_network(root, facts.troubles);
  if (adapters == Adapters::read) {
    facts.network.rdma = read_rdma(root);
  }
  facts.python = read_python(variables);
  return facts;
}

}  // namespace toolkit::machine
