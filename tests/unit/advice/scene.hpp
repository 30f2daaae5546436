#pragma once
// A place where every rule is content, to be changed in one thing by a test.

#include <toolkit/advice/rules.hpp>

#include <map>
#include <string>

namespace toolkit::support {

struct Place {
  cgroup::Limits limits;
  machine::Facts facts;
  cluster::Identity identity;
  std::map<std::string, std::string> variables;
  std::optional<std::vector<std::string>> port_listeners = std::vector<std::string>();
  std::optional<std::vector<std::string>> probed_master;
  bool probed = false;
  std::optional<advice::Reached> master_reached;
  std::optional<double> throttled_share;
  std::vector<advice::Volume> volumes;
  std::vector<advice::RecordClock> clocks;

  Place() {
    set(cluster::Field::rank, "0");
    set(cluster::Field::node_rank, "0");
    set(cluster::Field::node_count, "2");
    set(cluster::Field::local_world_size, "2");
    set(cluster::Field::master_addr, "node0");
    set(cluster::Field::master_port, "29500");
    facts.network.hostname = "node0";
    hosts("127.0.0.1 localhost\n10.0.0.1 node0\n10.0.0.2 node1\n");
    facts.network.default_interface = "eth0";
    add_interface("lo", "127.0.0.1");
    add_interface("eth0", "10.0.0.1");
    facts.cpus = {8, 8, {0, 1, 2, 3, 4, 5, 6, 7}};
    facts.ports = {{{32768, 60999}}, {}, 1024};
    facts.memory.swap_total = 0;
    facts.shared_memory = {8ULL << 30, 8ULL << 30, "tmpfs"};
    facts.limits = {{"nofile", 524288, 524288}, {"memlock", 65536, 65536}};
    facts.user.uid = facts.user.euid = 1000;
    facts.user.uid_map = "0 0 4294967295";
    facts.user.in_user_namespace = false;
    facts.user.host_uid = 1000;
    facts.user.capabilities = 0;
    facts.runtime.name = "docker";
    limits.cpu.quota.state = cgroup::Limit<cgroup::CpuTime>::State::unlimited;
    limits.pids.max.state = cgroup::Limit<std::uint64_t>::State::unlimited;
    limits.memory.swap.state = cgroup::Limit<std::uint64_t>::State::unlimited;
    limits.memory.oom_kills = 0;
    limits.cpu.weight = 100;
    variables["OMP_NUM_THREADS"] = "4";
  }

  void set(cluster::Field field, const std::string& text) {
    identity.values[static_cast<std::size_t>(field)] = cluster::Value{text, {}, {}, {}, {}, {}};
  }
  void unset(cluster::Field field) { identity.values[static_cast<std::size_t>(field)].reset(); }
  void hosts(const std::string& text) {
    facts.network.hosts = text;
    facts.network.hostname_addresses = machine::addresses_of(facts.network, facts.network.hostname);
  }
  machine::Interface& add_interface(const std::string& name, const std::string& address) {
    machine::Interface added;
    added.name = name;
    added.up = true;
    added.addresses = {address};
    facts.network.interfaces.push_back(added);
    return facts.network.interfaces.back();
  }
  void quota(std::uint64_t quota_us, std::uint64_t period_us) {
    limits.cpu.quota = {
        cgroup::Limit<cgroup::CpuTime>::State::set, {quota_us, period_us}, "/cg", ""};
  }

  [[nodiscard]] std::vector<advice::Finding> check() const {
    return advice::check(
        {limits, facts, identity,
         [this](std::string_view name) -> std::optional<std::string_view> {
           const auto found = variables.find(std::string(name));
           return found == variables.end() ? std::nullopt
                                           : std::optional<std::string_view>(found->second);
         },
         port_listeners, probed_master, probed, master_reached, throttled_share, volumes, clocks});
  }
  /// The finding of one rule; an empty one when there is none.
  [[nodiscard]] advice::Finding of(std::string_view id) const {
    for (advice::Finding& finding : check()) {
      if (finding.id == id) {
        return finding;
      }
    }
    return {};
  }
  [[nodiscard]] std::string status(std::string_view id) const {
    return std::string(advice::status_name(of(id).status));
  }
};

}  // namespace toolkit::support
