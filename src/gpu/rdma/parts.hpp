#pragma once
// The parts of the RDMA facts. Each file of sysfs is read once: behind many of them is a question
// to the adapter's firmware, and where a function is managed by somebody else, each one that it
// refuses is a line in the host's kernel log (node_exporter#3434, gpud#1164).

#include <toolkit/gpu/host_facts.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

inline constexpr const char* kRdmaClass = "/sys/class/infiniband/";

/// May the file be opened for reading and writing? errno, 0 yes. access(2) asks the modes and the
/// device cgroup, and makes no context in the driver as open(2) does.
[[nodiscard]] int access_error(const std::string& path);

[[nodiscard]] std::vector<RdmaAdapter> read_adapters(const std::string& root);
/// Only for adapters whose device file is in this container; `pkey_index` is read beside the first.
void read_ports(const std::string& root, std::optional<int> pkey_index, RdmaAdapter& adapter);
/// Counters of errors of the ports that can have them; a port that refuses one is left alone.
[[nodiscard]] std::map<std::string, std::string> read_counters(const std::string& root,
                                                               const RdmaAdapter& adapter,
                                                               const RdmaPort& port);
/// libnccl-net.so and libnccl-net-NAME.so, where the loader of the image looks.
[[nodiscard]] std::vector<std::string> find_net_plugins(const std::string& root,
                                                        std::string_view library_path);

}  // namespace toolkit::gpu
