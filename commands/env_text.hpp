#pragma once
// The answer of `env` for people: groups of aligned lines, each with what it is known from.

#include "env_situation.hpp"

#include <string>

namespace toolkit::commands {

/// Some 25 to 40 lines. With `colour`, headings are bold and what is unknown is dim.
[[nodiscard]] std::string to_text(const Situation& situation, bool colour);

}  // namespace toolkit::commands
