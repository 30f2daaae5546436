#pragma once
// One file from a source to the destination, in the way that its kind wants.

#include "session.hpp"

#include <functional>

namespace toolkit::sync {

/// Does what the task needs, with tries on fresh connections, and tells the tally how it ended; and
/// `done` when the file is there. On the worker's thread.
void transfer(Session& session, Task& task, const std::function<void(const Task&)>& done);

}  // namespace toolkit::sync
