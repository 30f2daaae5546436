#pragma once
// From the text of a regular expression to the states of pattern.hpp, by Thompson's construction.

#include "pattern.hpp"

namespace toolkit::probe {

struct Program {
  std::vector<Pattern::State> states;  // begins at 0; the last one is the match
  std::vector<Pattern::Set> sets;
};
[[nodiscard]] tl::expected<Program, Pattern::Fault> parse_pattern(std::string_view text);

}  // namespace toolkit::probe
