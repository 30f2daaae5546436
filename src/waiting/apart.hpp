#pragma once
// A wait in a process of its own, for machines with file systems that ask somebody: NFS, FUSE.
// Whoever asks a FUSE server that takes the question and hangs (its network is gone) sleeps beyond
// SIGKILL, and keeps all threads of his process from ending with him. So another process asks, and
// ours, which never touches a file, keeps the deadline, answers signals, and becomes the COMMAND.

#include <toolkit/waiting/waiter.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace toolkit::waiting {

/// Whether such a file system is among the mounts, by the text of /proc/self/mountinfo.
[[nodiscard]] bool can_hold_us(std::string_view mountinfo);

/// Lets `inner` wait in a child. `leaves` is how things stand before it has said anything. A child
/// that is held is killed and left behind; init has it when it comes free.
[[nodiscard]] std::unique_ptr<Waiter> wait_apart(std::unique_ptr<Waiter> inner,
                                                 std::vector<LeafReport> leaves,
                                                 Milliseconds timeout);

}  // namespace toolkit::waiting
