#pragma once
// Which signals end a wait, for whoever owns the queue.

#include <toolkit/process/signals.hpp>

namespace toolkit::waiting {

/// Takes what is queued up to the first of SIGTERM, SIGINT, SIGHUP and SIGQUIT, and says which it
/// was; 0 for none. Those that were ignored when we were started stay so. What the terminal stops,
/// it stops. `not_hangup` passes over SIGHUP too.
[[nodiscard]] int stopping_signal(process::SignalQueue& signals, bool not_hangup = false);

/// Ends this process by the signal, so that the caller sees the truth and not a code that only
/// looks like it. Process 1 survives what it has no handler for: then the code to end with.
[[nodiscard]] int end_by(int number);

}  // namespace toolkit::waiting
