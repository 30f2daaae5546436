#pragma once
// Hooks that are waited for, and pauses: both stay responsive to signals.

#include "hooks.hpp"

#include <toolkit/base/duration.hpp>
#include <toolkit/process/signals.hpp>

namespace toolkit::supervise {

/// Runs a hook to its end. Signals are passed to its group; at `deadline` it is killed. Error: it
/// failed, was stopped, or could not be started; exit_code 125.
[[nodiscard]] Result<void> run_hook(const char* option, const std::string& command, const Job& job,
                                    const environment::Snapshot& environment,
                                    process::SignalQueue& signals, SteadyTime deadline);

/// Waits until `end`; true when SIGTERM or SIGINT came first.
[[nodiscard]] bool stopped_while_waiting(process::SignalQueue& signals, SteadyTime end);

}  // namespace toolkit::supervise
