#pragma once
// What the child does between vfork and exec.

#include <toolkit/process/child.hpp>

#include <string>
#include <vector>

namespace toolkit::process {

/// Everything that the child needs, made before it exists.
struct ChildPlan {
  const ChildOptions* options = nullptr;
  std::vector<std::string> candidates;  // paths to try, in PATH order
  std::vector<const char*> argv;        // null-terminated
  std::vector<const char*> shell_argv;  // /bin/sh, a place for the path, then the arguments
  const char* const* environment = nullptr;
  int report_fd = -1;             // close-on-exec pipe
  bool ignores_statuses = false;  // SIGCHLD, as we inherited it
};

enum class Step : int {
  group,
  session,
  terminal,
  descriptors,
  cgroup,
  directory,
  user,
  death_signal,
  exec
};

/// What a child that could not become the program writes to report_fd.
struct SetupReport {
  Step step = Step::exec;
  int error_number = 0;
};

/// Never returns. Shares our memory until exec (vfork): no allocation, no logging, no exit, no
/// lock.
[[noreturn]] void become_program(const ChildPlan& plan);
/// The last steps of it alone: signals as the program is to find them, then exec. Returns, with
/// errno set, when no candidate could be executed.
void execute(const ChildPlan& plan);

}  // namespace toolkit::process
