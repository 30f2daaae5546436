#include "verdict.hpp"

#include <algorithm>

namespace toolkit::waiting {
namespace {

constexpr int kLost = 120;
constexpr int kImpossible = 122;
constexpr int kUnknown = 3;

// The first leaf among those that stand in the way for good for which this is true, or null.
template <typename Predicate>
const LeafReport* first_final(std::span<const LeafReport> leaves,
                              std::span<const std::size_t> missing, Predicate predicate) {
  for (const std::size_t index : missing) {
    const LeafReport& leaf = leaves[index];
    if (leaf.finding.final && predicate(leaf.finding)) {
      return &leaf;
    }
  }
  return nullptr;
}

}  // namespace

Verdict verdict_of_met(std::span<const LeafReport> leaves) {
  Verdict verdict;
  for (const LeafReport& leaf : leaves) {
    if (leaf.negated || !leaf.finding.met) {
      continue;
    }
    if (leaf.finding.reason == probe::Reason::over) {
      verdict.ending = Ending::over;
    }
    if (verdict.exit_code == 0) {
      verdict.exit_code = leaf.finding.exit_code.value_or(0);
    }
  }
  return verdict;
}

Verdict verdict_of_unmet(std::span<const LeafReport> leaves, std::span<const std::size_t> missing) {
  using probe::Reason;
  if (first_final(leaves, missing,
                  [](const auto& finding) { return finding.reason == Reason::lost; })) {
    return {Ending::lost, kLost};
  }
  // A code of 0 would say that all is well: a job that was to fail and did not is `impossible`.
  const LeafReport* over = first_final(leaves, missing, [](const auto& finding) {
    return !finding.met && finding.reason != Reason::unknown && finding.exit_code.value_or(0) != 0;
  });
  if (over != nullptr) {
    return {Ending::over, *over->finding.exit_code};
  }
  if (first_final(leaves, missing,
                  [](const auto& finding) { return finding.reason == Reason::unknown; })) {
    return {Ending::unknown, kUnknown};
  }
  return {Ending::impossible, kImpossible};
}

}  // namespace toolkit::waiting
