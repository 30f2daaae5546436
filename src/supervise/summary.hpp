#pragma once
// The last line: how it ended, how long it took, what it used.

#include "verdict.hpp"

#include <toolkit/job/record.hpp>
#include <toolkit/output/tee.hpp>

#include <string>

namespace toolkit::supervise {

/// "killed by SIGTERM; exit code 143; wall 1.20s, user 0.50s, sys 0.10s, peak RSS 12.3 MiB; 120
/// lines, …".
[[nodiscard]] std::string summary(const Verdict& verdict, const job::Usage& usage,
                                  const output::TeeStats* output);

}  // namespace toolkit::supervise
