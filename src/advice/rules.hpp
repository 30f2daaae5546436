#pragma once
// The rules, grouped by what they look at. Each gives one finding.

#include <toolkit/advice/rules.hpp>

#include <optional>
#include <string>
#include <vector>

namespace toolkit::advice {

[[nodiscard]] Finding hostname_loopback(const Scene& scene);
[[nodiscard]] Finding master_resolves(const Scene& scene);
[[nodiscard]] Finding master_loopback(const Scene& scene);
[[nodiscard]] Finding master_is_mine(const Scene& scene);
[[nodiscard]] Finding nccl_interface(const Scene& scene);
[[nodiscard]] Finding gloo_interface(const Scene& scene);

[[nodiscard]] Finding port_busy(const Scene& scene);
[[nodiscard]] Finding port_ephemeral(const Scene& scene);
[[nodiscard]] Finding port_privileged(const Scene& scene);
[[nodiscard]] Finding master_answers(const Scene& scene);

[[nodiscard]] Finding shared_memory(const Scene& scene);
[[nodiscard]] Finding locked_memory(const Scene& scene);
[[nodiscard]] Finding open_files(const Scene& scene);
[[nodiscard]] Finding process_count(const Scene& scene);
[[nodiscard]] Finding cpu_throttled(const Scene& scene);
[[nodiscard]] Finding cpu_weight(const Scene& scene);
[[nodiscard]] Finding omp_threads(const Scene& scene);
[[nodiscard]] Finding memory_swap(const Scene& scene);
[[nodiscard]] Finding memory_kills(const Scene& scene);

[[nodiscard]] Finding user_root(const Scene& scene);
[[nodiscard]] std::vector<Finding> volume_owners(const Scene& scene);
[[nodiscard]] std::vector<Finding> clock_skews(const Scene& scene);

// What several of them ask.
[[nodiscard]] std::optional<std::string> text_of(const Scene& scene, cluster::Field field);
[[nodiscard]] std::optional<std::uint64_t> number_of(const Scene& scene, cluster::Field field);
[[nodiscard]] std::optional<std::uint64_t> node_count(const Scene& scene);
[[nodiscard]] std::optional<std::string> variable(const Scene& scene, std::string_view name);
/// capabilities(7)
[[nodiscard]] bool has_capability(const Scene& scene, int number);

// A finding's usual forms; the id is set by check().
[[nodiscard]] Finding pass(std::string title, std::string evidence = {});
[[nodiscard]] Finding skip(std::string why);
[[nodiscard]] Finding unknown(std::string title, std::string evidence, std::string remedy = {});
[[nodiscard]] Finding warn(std::string title, std::string evidence, std::string remedy);
[[nodiscard]] Finding failed(std::string title, std::string evidence, std::string remedy);

}  // namespace toolkit::advice
