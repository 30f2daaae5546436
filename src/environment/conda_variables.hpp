#pragma once
// What an environment brings of its own: variables and activation scripts.

#include <toolkit/base/result.hpp>

#include <string>
#include <utility>
#include <vector>

namespace toolkit::environment {

/// From PREFIX/etc/conda/env_vars.d/*.json (packages), then the env_vars of PREFIX/conda-meta/state
/// (`conda env config vars set`), which win. PATH is reserved and left out.
[[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> read_conda_variables(
    const std::string& prefix);

/// PREFIX/etc/conda/activate.d/*.sh, sorted.
[[nodiscard]] std::vector<std::string> activation_scripts(const std::string& prefix);

}  // namespace toolkit::environment
