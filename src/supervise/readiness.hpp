#pragma once
// --wait: the child starts when its conditions are met.

#include <toolkit/process/signals.hpp>
#include <toolkit/supervise/options.hpp>
#include <toolkit/waiting/waiter.hpp>

namespace toolkit::supervise {

/// The conditions of --wait, understood; null when there are none. Error: usage, with a caret.
[[nodiscard]] Result<std::unique_ptr<waiting::Waiter>> prepare_waiter(const Options& options);

/// Waits, telling every five seconds what is missing. SIGHUP is passed over when it means that logs
/// be opened again, since none is open yet. Error: the wait ended otherwise; its
/// exit_code is that of `toolkit wait` in the same place, 128+N for a signal that asked us to stop.
[[nodiscard]] Result<void> await(waiting::Waiter& waiter, process::SignalQueue& signals,
                                 bool hangup_reopens);

}  // namespace toolkit::supervise
