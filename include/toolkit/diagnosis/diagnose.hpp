#pragma once
// Facts in, verdict out. Pure.

#include <toolkit/diagnosis/rule.hpp>

#include <span>
#include <vector>

namespace toolkit::diagnosis {

struct Verdict {
  std::vector<Finding> findings;  // in the order of the rules
  bool proven = false;  // a driver answered for a GPU, or none is wanted: only then may it be fit

  /// The one to act on first; null when there is nothing to do.
  [[nodiscard]] const Finding* primary() const;
  [[nodiscard]] bool has(Status status) const;  // of those that nothing blocks
};

/// A failure blocks what needs it, for its own scope; one without a scope blocks all scopes. What
/// is blocked and did not pass becomes `skip` with blocked_by, the root of the chain. The first
/// failure that nothing blocks is primary; without failures the first warning.
[[nodiscard]] Verdict diagnose(std::span<const Rule> rules, const Question& question);

/// The primary failure's owner's code; 3 when nothing failed and nothing proves that a GPU works; 1
/// for warnings when `strict`; 0 fit.
[[nodiscard]] int exit_code_of(const Verdict& verdict, bool strict);

}  // namespace toolkit::diagnosis
