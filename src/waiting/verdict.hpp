#pragma once
// How a wait has ended, from what its leaves said: the rules of the exit code. Pure.

#include <toolkit/waiting/waiter.hpp>

#include <span>

namespace toolkit::waiting {

struct Verdict {
  Ending ending = Ending::met;
  int exit_code = 0;
};

/// The tree is met. Leaves under a `not` speak for nothing here.
[[nodiscard]] Verdict verdict_of_met(std::span<const LeafReport> leaves);
/// The tree can never be met: `missing` are the leaves that keep it from being so. Never 0.
[[nodiscard]] Verdict verdict_of_unmet(std::span<const LeafReport> leaves,
                                       std::span<const std::size_t> missing);

}  // namespace toolkit::waiting
