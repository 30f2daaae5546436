#include "env_json_parts.hpp"

namespace toolkit::commands {
namespace {

void write_process_limits(JsonWriter& json, const machine::Facts& facts) {
  json.key("ulimits").begin_object();
  for (const machine::ResourceLimit& limit : facts.limits) {
    json.key(limit.name).begin_object();
    limit.soft ? json.field("soft", *limit.soft) : json.field("soft", "unlimited");
    limit.hard ? json.field("hard", *limit.hard) : json.field("hard", "unlimited");
    json.end_object();
  }
  json.end_object();
}

void write_ports(JsonWriter& json, const machine::Ports& ports) {
  const auto range = [&](const std::pair<std::uint16_t, std::uint16_t>& pair) {
    json.begin_array().value(int{pair.first}).value(int{pair.second}).end_array();
  };
  json.key("ports").begin_object().key("ephemeral");
  ports.ephemeral ? range(*ports.ephemeral) : void(json.null());
  json.key("reserved").begin_array();
  for (const auto& pair : ports.reserved) {
    range(pair);
  }
  json.end_array();
  number_or_null(json, "unprivileged_start", ports.unprivileged_start);
  json.end_object();
}

void write_user(JsonWriter& json, const machine::User& user) {
  json.key("user").begin_object();
  json.field("uid", std::uint64_t{user.uid}).field("gid", std::uint64_t{user.gid});
  json.field("euid", std::uint64_t{user.euid});
  number_or_null(json, "in_user_namespace", user.in_user_namespace);
  number_or_null(json, "host_uid", user.host_uid);
  number_or_null(json, "capabilities", user.capabilities);
  number_or_null(json, "bounding", user.bounding);
  number_or_null(json, "seccomp", user.seccomp);
  number_or_null(json, "no_new_privileges", user.no_new_privileges);
  json.end_object();
}

void write_interface(JsonWriter& json, const machine::Interface& interface) {
  json.begin_object().field("name", interface.name).field("up", interface.up);
  text_or_null(json, "kind", interface.kind);
  write_texts(json, "addresses", interface.addresses);
  number_or_null(json, "speed_mbit", interface.speed_mbit);
  number_or_null(json, "mtu", interface.mtu);
  text_or_null(json, "driver", interface.driver);
  json.field("virtual_function", interface.virtual_function).end_object();
}

void write_network(JsonWriter& json, const machine::Network& network) {
  json.key("network").begin_object();
  text_or_null(json, "hostname", network.hostname);
  write_texts(json, "hostname_addresses", network.hostname_addresses);
  text_or_null(json, "default_interface", network.default_interface);
  json.key("interfaces").begin_array();
  for (const machine::Interface& interface : network.interfaces) {
    write_interface(json, interface);
  }
  json.end_array().key("rdma").begin_array();
  for (const machine::RdmaDevice& device : network.rdma) {
    json.begin_object().field("name", device.name);
    text_or_null(json, "state", device.state);
    text_or_null(json, "link_layer", device.link_layer);
    write_texts(json, "interfaces", device.interfaces);
    json.field("virtual_function", device.virtual_function).end_object();
  }
  json.end_array().end_object();
}

void write_python(JsonWriter& json, const machine::Python& python) {
  json.key("python").begin_object();
  text_or_null(json, "conda_prefix", python.conda_prefix);
  text_or_null(json, "conda_name", python.conda_name);
  text_or_null(json, "virtual_environment", python.virtual_environment);
  json.end_object();
}

void write_system(JsonWriter& json, const machine::Facts& facts) {
  json.key("cpus").begin_object();
  number_or_null(json, "online", facts.cpus.online);
  number_or_null(json, "affinity", facts.cpus.affinity);
  json.end_object().key("memory").begin_object();
  number_or_null(json, "total_bytes", facts.memory.total);
  number_or_null(json, "available_bytes", facts.memory.available);
  number_or_null(json, "swap_total_bytes", facts.memory.swap_total);
  number_or_null(json, "swap_free_bytes", facts.memory.swap_free);
  json.field("lxcfs", facts.memory.lxcfs).end_object().key("shm").begin_object();
  number_or_null(json, "total_bytes", facts.shared_memory.total);
  number_or_null(json, "free_bytes", facts.shared_memory.free);
  text_or_null(json, "file_system", facts.shared_memory.file_system);
  json.end_object().key("kernel").begin_object();
  text_or_null(json, "release", facts.kernel.release);
  text_or_null(json, "architecture", facts.kernel.architecture);
  json.end_object().key("runtime").begin_object();
  text_or_null(json, "name", facts.runtime.name);
  text_or_null(json, "evidence", facts.runtime.evidence);
  json.field("kubernetes", facts.runtime.kubernetes);
  text_or_null(json, "pod_namespace", facts.runtime.pod_namespace);
  json.end_object();
}

void write_gpus(JsonWriter& json, const gpu::GpuCount& gpus) {
  json.key("gpus").begin_object();
  number_or_null(json, "visible", gpus.visible);
  number_or_null(json, "devices", gpus.devices);
  number_or_null(json, "known_to_driver", gpus.known);
  text_or_null(json, "evidence", gpus.evidence);
  text_or_null(json, "reason", gpus.reason);
  json.end_object();
}

}  // namespace

void write_machine(JsonWriter& json, const Situation& situation) {
  const machine::Facts& facts = situation.facts;
  json.key("machine").begin_object();
  write_system(json, facts);
  write_gpus(json, situation.gpus);
  write_process_limits(json, facts);
  write_ports(json, facts.ports);
  write_user(json, facts.user);
  write_network(json, facts.network);
  write_python(json, facts.python);
  json.end_object();
}

}  // namespace toolkit::commands
