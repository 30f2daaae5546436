#pragma once
// `run --check-gpu`: what `toolkit check-gpu` would say of the place and the environment that the
// child will meet.

#include <toolkit/base/result.hpp>
#include <toolkit/environment/snapshot.hpp>
#include <toolkit/process/signals.hpp>
#include <toolkit/supervise/options.hpp>

namespace toolkit::supervise {

/// The error has the exit code of who must act, 128+N for a signal that asked us to stop, with
/// which it ends at once. Warnings are told, and so is a driver that could not be asked; neither
/// stops anything.
[[nodiscard]] Result<void> check_gpus(const Options& options,
                                      const environment::Snapshot& variables,
                                      process::SignalQueue& signals);

}  // namespace toolkit::supervise
