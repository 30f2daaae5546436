#pragma once
// What this container is and may use beside its control groups: CPUs, limits of the process, shared
// memory, ports, namespaces, privileges, kernel, container runtime, network. Only reading, nothing
// is asked over the network. What cannot be seen is nothing, never zero.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace toolkit::machine {

struct Cpus {
  std::optional<std::uint32_t> online;    // of the machine
  std::optional<std::uint32_t> affinity;  // sched_getaffinity(2): how many
  std::vector<std::uint32_t> allowed;     // and which
};

struct Memory {
  std::optional<std::uint64_t> total, available, swap_total, swap_free;  // bytes, /proc/meminfo
  std::optional<std::uint64_t> commit_limit;
  bool lxcfs = false;  // /proc/meminfo is an overlay that shows the container's share
};

/// What the kernel lets exist at once, /proc/sys/kernel.
struct Tasks {
  std::optional<std::uint64_t> threads_max, pid_max;
};

/// getrlimit(2); nothing is "unlimited".
struct ResourceLimit {
  std::string name;  // "nofile", "memlock", "nproc", "stack", "core"
  std::optional<std::uint64_t> soft, hard;
};

struct SharedMemory {                        // /dev/shm
  std::optional<std::uint64_t> total, free;  // bytes
  std::string file_system;                   // "tmpfs"; "" when there is none
};

struct Ports {
  std::optional<std::pair<std::uint16_t, std::uint16_t>> ephemeral;  // ip_local_port_range
  std::vector<std::pair<std::uint16_t, std::uint16_t>> reserved;     // ip_local_reserved_ports
  std::optional<std::uint16_t> unprivileged_start;
};

/// user_namespaces(7). Root in a container is root on the host where the map says 0 → 0.
struct User {
  std::uint32_t uid = 0, gid = 0, euid = 0;
  std::optional<bool> in_user_namespace;      // the map is not the identity
  std::string uid_map;                        // its first line: "0 100000 65536"
  std::optional<std::uint64_t> host_uid;      // what our euid is outside, as far as the map tells
  std::optional<std::uint64_t> capabilities;  // CapEff
  std::optional<std::uint64_t> bounding;      // CapBnd
  std::optional<int> seccomp;                 // 0 off, 1 strict, 2 filter
  std::optional<bool> no_new_privileges;
};

struct Kernel {
  std::string release, version, architecture;
};

struct Runtime {
  std::string name;      // docker, podman, containerd, cri-o, apptainer, gvisor, kata, wsl2, lxc,
                         // systemd-nspawn, none
  std::string evidence;  // "/.dockerenv"
  std::vector<std::pair<std::string, std::string>> seen;  // all signs: name, evidence; ours first
  bool kubernetes = false;
  std::string pod_namespace;
};

struct Interface {
  std::string name;
  std::uint32_t index = 0;
  bool up = false, loopback = false;
  std::string kind;  // ethernet, infiniband (IPoIB), loopback, bridge, tunnel, virtual
  std::vector<std::string> addresses;
  std::optional<std::uint32_t> speed_mbit, mtu;
  std::string driver;             // "mlx5_core"; of virtual ones the kernel's kind: "veth"
  bool virtual_function = false;  // SR-IOV
};

struct RdmaDevice {
  std::string name;               // mlx5_0
  std::string state, link_layer;  // of port 1: ACTIVE, InfiniBand
  std::vector<std::string> interfaces;
  bool virtual_function = false;
};

struct Network {
  std::string hostname;
  std::vector<std::string> hostname_addresses;  // by /etc/hosts alone, no name server is asked
  std::vector<Interface> interfaces;
  std::vector<RdmaDevice> rdma;
  std::string default_interface;  // of the route to the outside
  std::string hosts;              // /etc/hosts
};

struct Python {
  std::string conda_prefix, conda_name, virtual_environment;
};

struct Facts {
  Cpus cpus;
  Memory memory;
  Tasks tasks;
  std::vector<ResourceLimit> limits;
  SharedMemory shared_memory;
  Ports ports;
  User user;
  Kernel kernel;
  Runtime runtime;
  Network network;
  Python python;
  std::optional<std::string> self_cgroup, self_mountinfo;  // of /proc/self, for read_limits()
  std::vector<std::string> troubles;
};

/// As getenv(3) answers: the runtime and the Python in effect leave their names there.
using Variables = std::function<std::optional<std::string_view>(std::string_view name)>;

/// Below `root` ("" for the real ones; tests give a directory: then what only system calls tell is
/// still ours). Never fails. Who looks at RDMA adapters by himself leaves them out: what sysfs says
/// of a port is a question to its firmware.
enum class Adapters { read, leave };
[[nodiscard]] Facts read_facts(const std::string& root = "", const Variables& variables = {},
                               Adapters adapters = Adapters::read);

/// By /etc/hosts alone, in its order; an address is its own answer.
[[nodiscard]] std::vector<std::string> addresses_of(const Network& network, std::string_view name);

}  // namespace toolkit::machine
