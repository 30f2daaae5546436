#pragma once
// What `conda run --no-capture-output -n NAME` would give a command, without the shell and the Python
// process it leaves in between, so that the child's PID stays the real one.

#include <toolkit/base/result.hpp>
#include <toolkit/environment/env_file.hpp>

#include <map>
#include <string>
#include <vector>

namespace toolkit::environment {

using Variables = std::map<std::string, std::string>;

/// The prefix directory of an environment: NAME is a path when it has a slash, else `base` or a folder in
/// the envs of CONDA_ROOT, CONDA_EXE's root, CONDA_ENVS_PATH, ~/.condarc-less defaults (/opt/conda, /opt/miniconda3,
/// ~/miniconda3, ~/anaconda3, ~/mambaforge, ~/miniforge3 …) and ~/.conda/environments.txt.
/// Error: not_found, listing the environments that do exist.
[[nodiscard]] Result<std::string> find_conda_environment(const std::string& name, const Variables& environment);

/// `environment` with PREFIX/bin first in PATH, CONDA_PREFIX, CONDA_DEFAULT_ENV, CONDA_SHLVL,
/// CONDA_PROMPT_MODIFIER, and the environment variables of conda-meta/state. Also lists the activate.d scripts
/// (in order) that only a shell can run.
struct CondaActivation {
  Variables variables;
  std::vector<std::string> scripts;
};
[[nodiscard]] Result<CondaActivation> activate_conda(const std::string& prefix, const Variables& environment);

}  // namespace toolkit::environment
