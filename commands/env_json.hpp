#pragma once
// The answer of `env` as one JSON object, "schema": "toolkit.env/1". Numbers are numbers, sizes are
// bytes; what could not be seen is null, or has "state": "unknown" and a reason. Secrets are
// masked.

#include "env_situation.hpp"

#include <toolkit/advice/finding.hpp>

#include <optional>
#include <string>
#include <vector>

namespace toolkit::commands {

/// `findings` are there after --check alone.
[[nodiscard]] std::string to_json(const Situation& situation,
                                  const std::optional<std::vector<advice::Finding>>& findings);

}  // namespace toolkit::commands
