#pragma once
// Runs the engine of `sync` on a thread of its own, and hears signals and the clock meanwhile.

#include "sync.hpp"

#include <toolkit/process/signals.hpp>
#include <toolkit/sync/engine.hpp>

namespace toolkit::commands {

/// The engine's result; `signal` is the one that ended it. Does not come back where a transfer
/// hangs in a system call when the time is over.
[[nodiscard]] Result<void> conduct(sync::Engine& engine, const SyncOptions& options,
                                   process::SignalQueue& signals, int& signal);

}  // namespace toolkit::commands
