#pragma once
// The processes below us, as /proc shows them.

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace toolkit::process {

struct ProcessInfo {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  char state = '?';               // R S D T t Z X
  std::uint64_t cpu_ticks = 0;    // user and system, of the process alone
  std::uint64_t start_ticks = 0;  // since boot
  std::string name;               // comm, at most 15 bytes
};

/// One process from /proc/PID/stat; pid 0 when it is gone.
[[nodiscard]] ProcessInfo process_info(pid_t pid);
/// Every descendant of `root`, zombies included, parents before children.
[[nodiscard]] std::vector<ProcessInfo> descendants(pid_t root);
/// Whether a thread below `root` runs or waits for nothing but a processor (state R).
[[nodiscard]] bool wants_processor(pid_t root);
/// SIGKILL to every living descendant of ours: kill(-1) as PID 1, else a walk that is repeated
/// while orphans move up to us. Returns how many were signalled in this pass.
int kill_descendants();
/// What each process of the tree is doing, for a hang: state, wchan, syscall, and the kernel stack
/// where permitted. One line each.
[[nodiscard]] std::vector<std::string> describe_stacks(pid_t root);

}  // namespace toolkit::process
