#pragma once
// The answer of `check-gpu` as one JSON object, "schema": "toolkit.check-gpu/1". What could not be
// seen is null.

#include "check_gpu_judged.hpp"

#include <string>

namespace toolkit::commands {

[[nodiscard]] std::string to_json(const Judged& judged);

}  // namespace toolkit::commands
