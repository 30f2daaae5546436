#pragma once
// `toolkit env` with an environment that holds what a test gives it and nothing else, so that the
// launcher that has started the tests is not seen.

#include <tests/integration/run_files.hpp>

namespace toolkit::support {

[[nodiscard]] inline Outcome run_clean(const Words& variables, const Words& words) {
  return run_program(
      Words{"env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", "TOOLKIT_STATE_DIR=" + state_dir()} +
      variables + Words{toolkit_path()} + words);
}

[[nodiscard]] inline Outcome env_with(const Words& variables, const Words& options = {}) {
  return run_clean(variables, Words{"env"} + options);
}

}  // namespace toolkit::support
