#pragma once
// Many small new files in one call of the store, which may send them without waiting for each.

#include "session.hpp"

#include <functional>
#include <vector>

namespace toolkit::sync {

/// New, small, and of a store that is faster with many: then how a file grows later is no matter
/// yet.
[[nodiscard]] bool fits_a_batch(const Task& task, const store::Capabilities& can);

/// All of them, those that fail one by one with tries. `done` is told of each that is there.
void transfer_batch(Session& session, std::vector<Task>& tasks,
                    const std::function<void(const Task&)>& done);

}  // namespace toolkit::sync
