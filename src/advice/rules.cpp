#include "rules.hpp"

#include <toolkit/base/text.hpp>

#include <algorithm>
#include <array>

namespace toolkit::advice {
namespace {

struct Rule {
  RuleName name;
  Finding (*judge)(const Scene&);
};

constexpr Rule kRules[] = {
    {{"network.hostname_loopback", "Does the hostname lead other nodes to us?"}, hostname_loopback},
    {{"master.resolves", "Can MASTER_ADDR be resolved?"}, master_resolves},
    {{"master.loopback", "Can other nodes reach MASTER_ADDR?"}, master_loopback},
    {{"master.is_mine", "Is MASTER_ADDR an address of rank 0's node?"}, master_is_mine},
    {{"port.busy", "Is MASTER_PORT free on rank 0's node?"}, port_busy},
    {{"port.ephemeral", "May the kernel give MASTER_PORT to others?"}, port_ephemeral},
    {{"port.privileged", "May we listen on MASTER_PORT?"}, port_privileged},
    {{"master.answers", "Can rank 0's node be reached from here?"}, master_answers},
    {{"nccl.ifname", "Does NCCL_SOCKET_IFNAME match a device?"}, nccl_interface},
    {{"gloo.ifname", "Does GLOO_SOCKET_IFNAME name devices that exist?"}, gloo_interface},
    {{"shm.size", "Is /dev/shm large enough for data loaders?"}, shared_memory},
    {{"memlock.rdma", "May RDMA lock its memory?"}, locked_memory},
    {{"nofile.soft", "May enough files be open?"}, open_files},
    {{"pids.max", "May enough threads be started?"}, process_count},
    {{"cpu.throttled", "Does the CPU quota stop us now?"}, cpu_throttled},
    {{"cpu.weight", "Can the CPU request be told?"}, cpu_weight},
    {{"omp.threads", "Does OMP_NUM_THREADS fit the CPUs?"}, omp_threads},
    {{"memory.swap", "May our memory be swapped out?"}, memory_swap},
    {{"memory.oom_kills", "Has the OOM killer been here?"}, memory_kills},
    {{"user.root", "Is our root the machine's root?"}, user_root},
};
constexpr RuleName kVolumeOwner = {"volume.owner", "May we write where others write too?"};
constexpr RuleName kClockSkew = {"clock.skew", "Do the job records' clocks agree with ours?"};

constexpr auto kNames = [] {
  std::array<RuleName, std::size(kRules) + 2> names{};
  for (std::size_t i = 0; i < std::size(kRules); ++i) {
    names[i] = kRules[i].name;
  }
  names[std::size(kRules)] = kVolumeOwner;
  names[std::size(kRules) + 1] = kClockSkew;
  return names;
}();

}  // namespace

std::string_view status_name(Status status) {
  constexpr std::string_view kStatus[] = {"pass", "warn", "fail", "unknown", "skip"};
  return kStatus[static_cast<std::size_t>(status)];
}

std::vector<Finding> check(const Scene& scene) {
  std::vector<Finding> findings;
  const auto add = [&](const RuleName& name, Finding finding) {
    finding.id = name.id;
    findings.push_back(std::move(finding));
  };
  for (const Rule& rule : kRules) {
    add(rule.name, rule.judge(scene));
  }
  for (Finding& finding : volume_owners(scene)) {
    add(kVolumeOwner, std::move(finding));
  }
  for (Finding& finding : clock_skews(scene)) {
    add(kClockSkew, std::move(finding));
  }
  return findings;
}

std::span<const RuleName> rule_names() { return kNames; }

std::optional<std::string> text_of(const Scene& scene, cluster::Field field) {
  const auto& value = at(scene.identity.values, field);
  return value ? std::optional(value->text) : std::nullopt;
}

std::optional<std::uint64_t> number_of(const Scene& scene, cluster::Field field) {
  const auto text = text_of(scene, field);
  const auto number = text ? parse_whole(*text) : std::nullopt;
  return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

std::optional<std::uint64_t> node_count(const Scene& scene) {
  const auto nodes = text_of(scene, cluster::Field::nodes);
  const auto count = number_of(scene, cluster::Field::node_count);
  return count || !nodes || nodes->empty()
             ? count
             : std::optional<std::uint64_t>(1 + std::ranges::count(*nodes, ','));
}

std::optional<bool> is_on_first_node(const Scene& scene) {
  for (const cluster::Field field : {cluster::Field::node_rank, cluster::Field::rank}) {
    if (const auto number = number_of(scene, field)) {
      return *number == 0;
    }
  }
  return node_count(scene) == 1 ? std::optional(true) : std::nullopt;
}

std::optional<std::string> variable(const Scene& scene, std::string_view name) {
  const auto value = scene.variables ? scene.variables(name) : std::nullopt;
  return value && !value->empty() ? std::optional(std::string(*value)) : std::nullopt;
}

bool has_capability(const Scene& scene, int number) {
  return scene.facts.user.capabilities && (*scene.facts.user.capabilities >> number & 1) != 0;
}

Finding pass(std::string title, std::string evidence) {
  return {"", Status::pass, std::move(title), std::move(evidence), ""};
}
Finding skip(std::string why) { return {"", Status::skip, std::move(why), "", ""}; }
Finding unknown(std::string title, std::string evidence, std::string remedy) {
  return {"", Status::unknown, std::move(title), std::move(evidence), std::move(remedy)};
}
Finding warn(std::string title, std::string evidence, std::string remedy) {
  return {"", Status::warn, std::move(title), std::move(evidence), std::move(remedy)};
}
Finding failed(std::string title, std::string evidence, std::string remedy) {
  return {"", Status::fail, std::move(title), std::move(evidence), std::move(remedy)};
}

}  // namespace toolkit::advice
