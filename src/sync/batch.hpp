#pragma once
// Many small files in one call of the store, which may send them without waiting for each.

#include "session.hpp"

#include <functional>
#include <vector>

namespace toolkit::sync {

/// Small, and of a store that is faster with many: new, or growing where that grows many at once.
/// Nothing that is to be held open, or proven byte by byte.
[[nodiscard]] bool fits_a_batch(const Task& task, const store::Capabilities& can,
                                const Options& options);

/// All of them, those that fail one by one with tries. `done` is told of each that is there.
void transfer_batch(Session& session, std::vector<Task>& tasks,
                    const std::function<void(const Task&)>& done);

}  // namespace toolkit::sync
