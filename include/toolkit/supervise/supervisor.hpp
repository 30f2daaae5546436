#pragma once
// `run`'s engine: starts the child, forwards signals, passes output on, stops it with a grace,
// reaps everything, restarts it if asked, and says how it ended.

#include <toolkit/base/result.hpp>
#include <toolkit/supervise/options.hpp>

namespace toolkit::supervise {

/// Runs the job to its end and returns the exit code of `run`: the child's own, 128+N for a signal,
/// 124 for a timeout. `environment` is ours, null-terminated. Error: we failed before the child
/// ran, with exit_code 125, or 126 and 127 when its program could not be started. Every signal must
/// be blocked (process/entry.cpp).
[[nodiscard]] Result<int> run_job(const Options& options, char** environment);

}  // namespace toolkit::supervise
