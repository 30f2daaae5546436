#pragma once
// The parts of the facts, one source file a subject.

#include <toolkit/machine/facts.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace toolkit::machine {

/// A file below the tests' root, or nothing.
[[nodiscard]] std::optional<std::string> read_text(const std::string& root, std::string_view path);
[[nodiscard]] std::optional<std::uint64_t> parse_count(std::string_view text);
/// The value behind "key:" at the start of a line, trimmed.
[[nodiscard]] std::optional<std::string_view> value_of(std::string_view text, std::string_view key);

[[nodiscard]] Cpus read_cpus(const std::string& root);
[[nodiscard]] Memory read_memory(const std::string& root, std::string_view mountinfo);
[[nodiscard]] Tasks read_tasks(const std::string& root);
[[nodiscard]] std::vector<ResourceLimit> read_resource_limits();
[[nodiscard]] SharedMemory read_shared_memory(const std::string& root);
[[nodiscard]] Ports read_ports(const std::string& root);
[[nodiscard]] Kernel read_kernel(const std::string& root);
[[nodiscard]] User read_user(const std::string& root);
[[nodiscard]] Runtime detect_runtime(const std::string& root, const Variables& variables,
                                     std::string_view groups, std::string_view mountinfo,
                                     const Kernel& kernel);
/// Without its RDMA adapters. Adds to `troubles` why the interfaces cannot be told.
[[nodiscard]] Network read_network(const std::string& root, std::vector<std::string>& troubles);
[[nodiscard]] std::vector<RdmaDevice> read_rdma(const std::string& root);

}  // namespace toolkit::machine
