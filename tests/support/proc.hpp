#pragma once
// Looking at processes from outside, by /proc and not by our own code.

#include <sys/types.h>

#include <string>
#include <vector>

namespace toolkit::support {

/// True for a process that exists and is no zombie.
[[nodiscard]] bool is_alive(pid_t pid);
/// R S D T t Z X, or '-' when it is gone.
[[nodiscard]] char process_state(pid_t pid);
/// A field of /proc/PID/status, e.g. "SigCgt", "VmHWM"; empty when it is gone.
[[nodiscard]] std::string status_field(pid_t pid, const std::string& name);
/// Direct children, zombies included.
[[nodiscard]] std::vector<pid_t> children_of(pid_t pid);
/// All below, parents before children.
[[nodiscard]] std::vector<pid_t> descendants_of(pid_t pid);
/// Processes with this text as one of their arguments (zombies have none).
[[nodiscard]] std::vector<pid_t> processes_with_argument(const std::string& text);

}  // namespace toolkit::support
