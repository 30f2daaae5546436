#pragma once
// How a process that is not our child ends, as far as the kernel tells: pidfd_open(2) pins it, so
// that its number cannot come to mean another one, and then the ladder
//
//   1. PIDFD_GET_INFO with PIDFD_INFO_EXIT (Linux 6.15, include/uapi/linux/pidfd.h): the wait
//      status, for everybody, once the parent has reaped it, from a pidfd opened before;
//   2. before that, while it is a zombie: field 52 of /proc/PID/stat (proc(5)), for its owner and
//      root. Others read 0 there, which looks like success, so a 0 counts only for who may see it;
//   3. else it has ended, and nobody can say how.
//
// Limit: before Linux 5.17 rung 2 shows what the main thread said, should that have ended by itself
// before another thread ended the process.

#include <toolkit/base/unique_fd.hpp>
#include <toolkit/process/wait_status.hpp>

#include <sys/types.h>
#include <tl/expected.hpp>

#include <cstdint>
#include <optional>

namespace toolkit::process {

/// A descriptor for the process; POLLIN when it has ended, on every kernel that has pidfd_open
/// (5.3). The error is the errno: ESRCH for no such process, EINVAL or ENOENT for a thread of one,
/// ENOSYS on older kernels.
[[nodiscard]] tl::expected<UniqueFd, int> open_process(pid_t pid);

/// When it started, in clock ticks since boot (/proc/PID/stat, field 22); with the boot, its
/// identity. Nothing when it has been reaped or /proc does not show it.
[[nodiscard]] std::optional<std::uint64_t> start_ticks_of(int process);

enum class Stage { running, zombie, reaped };

struct ExitLook {
  Stage stage = Stage::running;
  std::optional<WaitStatus> status;  // once it is known
  bool reap_will_tell = false;       // a zombie of unknown status: POLLHUP may bring it
};

/// Looks once, without waiting.
[[nodiscard]] ExitLook look_at_exit(int process);

}  // namespace toolkit::process
