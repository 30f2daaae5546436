#pragma once
// Slurm's host list expressions (slurm/slurm_hostlist, `scontrol show hostnames`), and its counts
// per node ("2(x2),1").

#include <toolkit/base/result.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::cluster {

/// The two grammars in use differ where a bracket is followed by more text.
enum class HostGrammar { slurm_22, slurm_24 };

/// "n[01-03,7],login" → n01 n02 n03 n7 login. Duplicates stay, the order is the expression's.
/// Error: usage, naming the place. More than `limit` hosts is an error too.
[[nodiscard]] Result<std::vector<std::string>> expand_hosts(
    std::string_view expression, HostGrammar grammar = HostGrammar::slurm_24,
    std::size_t limit = 4'000'000);
/// The inverse, as `scontrol show hostlist` writes it: n1 n2 n3 n05 → "n[1-3,05]".
[[nodiscard]] std::string fold_hosts(const std::vector<std::string>& hosts);

/// "2(x2),1" → 2 2 1, a node each. Error: usage.
[[nodiscard]] Result<std::vector<std::uint32_t>> expand_counts(std::string_view text,
                                                               std::size_t limit = 4'000'000);

}  // namespace toolkit::cluster
