#pragma once
// `--follow`: passes when something has changed or the clock says so, until it is told to stop.

#include "pass.hpp"

namespace toolkit::sync {

/// Comes back after the last pass. Error: the destination cannot be reached even for that one, or
/// belongs to somebody else. `after_pass` is called after each, and says what went wrong with it.
[[nodiscard]] Result<void> follow(Session& session,
                                  const std::function<Result<void>(const PassOptions&)>& pass);

}  // namespace toolkit::sync
