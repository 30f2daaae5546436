#pragma once
// What `conda activate NAME` and with it `conda run --no-capture-output -n NAME` change in an
// environment, without the shell and the Python process that conda leaves in between: the child's
// PID stays the real one.

#include <toolkit/base/result.hpp>
#include <toolkit/environment/snapshot.hpp>

#include <string>
#include <vector>

namespace toolkit::environment {

/// The prefix directory of an environment. NAME with a slash is a path; `base` is the installation
/// itself; otherwise a folder in CONDA_ENVS_DIRS or CONDA_ENVS_PATH, in the `envs` of every
/// installation that can be found (CONDA_ROOT, CONDA_EXE, MAMBA_ROOT_PREFIX, CONDA_PREFIX, conda in
/// PATH, the usual places such as /opt/conda and ~/miniconda3), in ~/.conda/envs, or a line of
/// ~/.conda/environments.txt. An environment is a directory with conda-meta in it. Error:
/// not_found, listing those that exist.
[[nodiscard]] Result<std::string> find_conda_environment(const std::string& name,
                                                         const Snapshot& environment);

/// Puts PREFIX/bin first in PATH (in the place of the environment that was active, if one was),
/// sets CONDA_PREFIX, CONDA_DEFAULT_ENV, CONDA_SHLVL, CONDA_PROMPT_MODIFIER, CONDA_EXE,
/// CONDA_PYTHON_EXE and the variables that the environment's packages and its conda-meta/state
/// bring. Returns the activate.d scripts, in order: only a shell can run them.
[[nodiscard]] Result<std::vector<std::string>> activate_conda(const std::string& prefix,
                                                              Snapshot& environment);

}  // namespace toolkit::environment
