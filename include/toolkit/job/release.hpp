#pragma once
// The moment at which a supervisor lets go of its job, as an event: however it ended, on whichever
// node, as far as the file system carries locks.

#include <string>

namespace toolkit::job {

/// Blocks until nobody holds the lock of this job's directory: a shared lock that is waited for
/// (F_OFD_SETLKW, fcntl(2)) and given back at once. False when that cannot be waited for: no lock
/// file, no right to read it, no locks on this file system.
[[nodiscard]] bool await_release(const std::string& job_directory);

}  // namespace toolkit::job
