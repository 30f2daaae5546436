#pragma once
// The lock of one job: open file description locks over the whole file, fcntl(2).

namespace toolkit::job {

/// The errno of a try to lock `fd` exclusively, 0 when it is ours now. A waiter's shared lock,
/// which goes again at once, is waited for (a second at most).
[[nodiscard]] int lock_exclusively(int fd);

enum class LockState { free, held, unknown };
/// Whether somebody holds the exclusive lock. Takes nothing.
[[nodiscard]] LockState exclusive_lock_state(int fd);

/// Blocks until the exclusive lock is free. The errno; 0 when it was so for a moment.
[[nodiscard]] int wait_for_release(int fd);

}  // namespace toolkit::job
