#pragma once
// `env --check`: the rules of advice over what is here, and their words.

#include "env_situation.hpp"

#include <toolkit/advice/finding.hpp>

#include <string>
#include <vector>

namespace toolkit::commands {

/// Looks at what only checks need: who listens on MASTER_PORT, and whether the CPU quota stops us
/// now, which takes 100 ms where there is a quota. With `probe` name servers are asked for
/// MASTER_ADDR.
[[nodiscard]] std::vector<advice::Finding> check_here(const Situation& situation, bool probe);

/// One line a finding, its remedy under it; what passed or does not apply only counts in the last.
[[nodiscard]] std::string to_text(const std::vector<advice::Finding>& findings);

/// 1 when one has failed; with `strict` 3 when none has, and something could not be seen. Not
/// seeing is usual: a container rarely sees the groups above its own.
[[nodiscard]] int exit_code_of(const std::vector<advice::Finding>& findings, bool strict);

}  // namespace toolkit::commands
