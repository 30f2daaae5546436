#pragma once
// The one place that waits for children: ours, and as PID 1 or subreaper everybody's.

#include <toolkit/process/wait_status.hpp>

#include <optional>

namespace toolkit::process {

/// The next child that has ended, or nothing. Call until nothing after each SIGCHLD: they coalesce.
[[nodiscard]] std::optional<Reaped> reap_one();
/// Whether any child, running or not, is left.
[[nodiscard]] bool have_children();

/// A child that has just stopped or continued (job control), without reaping anybody.
struct JobControlEvent {
  pid_t pid = 0;
  bool stopped = false;
  int signal = 0;
};
[[nodiscard]] std::optional<JobControlEvent> next_job_control_event();

/// With SIGCHLD ignored, which exec hands down, the kernel throws statuses away and says nothing:
/// takes the default action for us. What spawn() starts has it ignored again.
void receive_statuses();
[[nodiscard]] bool statuses_were_ignored();

/// Orphans of our tree become our children instead of init's (prctl(2) PR_SET_CHILD_SUBREAPER).
[[nodiscard]] bool become_subreaper();

}  // namespace toolkit::process
