#pragma once
// Tries again what is worth it: pauses that double, each a random part of it (full jitter), so that
// a thousand nodes do not come back at the same moment.

#include "halt.hpp"

#include <toolkit/sync/options.hpp>

#include <functional>

namespace toolkit::sync {

/// The longest pause before try number `number` (1: the first again): delay, twice, four times …,
/// at most 30 s.
[[nodiscard]] Milliseconds pause_limit(Milliseconds delay, int number);

/// `attempt` until it works, fails for good, or options.retries are used up. Only `unavailable` is
/// tried again. `tell` is called before each pause. What was cut off though nothing is ending was
/// meant for the pass before: a connection that Halt::hurry() has ended may be taken for alive when
/// the last pass begins. It has one more attempt, at once.
[[nodiscard]] Result<void> with_retries(const TransferOptions& options, const Halt& halt,
                                        const std::function<void(const Error&, Milliseconds)>& tell,
                                        const std::function<Result<void>()>& attempt);

}  // namespace toolkit::sync
