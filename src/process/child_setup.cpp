// The code between vfork and exec, and nothing else. It runs in the child while the parent waits
// and both share memory, so: system calls only, no allocation, no logging, no exit. setuid and
// friends are raw system calls, because glibc's would signal every thread of the parent.
#include "child_setup.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace toolkit::process {
namespace {

[[noreturn]] void give_up(const ChildPlan& plan, Step step, int error_number) {
  const SetupReport report{step, error_number};
  while (::write(plan.report_fd, &report, sizeof report) < 0 && errno == EINTR) {
  }
  ::_exit(127);
}

void check(const ChildPlan& plan, Step step, bool succeeded) {
  if (!succeeded) {
    give_up(plan, step, errno);
  }
}

// dup2 onto 0, 1, 2. A source below 3 could be overwritten by an earlier dup2, so the caller hands
// over descriptors from 3 up (pipes are made after the standard three exist).
void place_descriptors(const ChildPlan& plan) {
  const int sources[] = {plan.options->stdin_fd, plan.options->stdout_fd, plan.options->stderr_fd};
  for (int target = 0; target < 3; ++target) {
    const int source = sources[target];
    if (source >= 0) {
      check(plan, Step::descriptors, ::dup2(source, target) == target);
    }
  }
}

void enter_group(const ChildPlan& plan) {
  if (plan.options->own_session) {
    check(plan, Step::session, ::setsid() >= 0);
    check(plan, Step::terminal, ::ioctl(STDIN_FILENO, TIOCSCTTY, 0) == 0);
  } else if (plan.options->own_group) {
    check(plan, Step::group, ::setpgid(0, 0) == 0);
  }
}

void enter_cgroup(const ChildPlan& plan) {
  if (plan.options->cgroup_procs.empty()) {
    return;
  }
  const int fd = ::open(plan.options->cgroup_procs.c_str(), O_WRONLY | O_CLOEXEC);
  check(plan, Step::cgroup, fd >= 0 && ::write(fd, "0", 1) == 1);  // 0 means the writer
  ::close(fd);
}

void change_user(const ChildPlan& plan) {
  if (!plan.options->credentials) {
    return;
  }
  const Credentials& who = *plan.options->credentials;
  const bool root = ::syscall(SYS_geteuid) == 0;
  // Without root only "stay who you are" can succeed, and then the groups may not be set either.
  if (root) {
    check(plan, Step::user,
          ::syscall(SYS_setgroups, who.supplementary.size(), who.supplementary.data()) == 0);
  }
  check(plan, Step::user, ::syscall(SYS_setresgid, who.group, who.group, who.group) == 0);
  check(plan, Step::user, ::syscall(SYS_setresuid, who.user, who.user, who.user) == 0);
}

void change_place(const ChildPlan& plan) {
  if (!plan.options->directory.empty()) {
    check(plan, Step::directory, ::chdir(plan.options->directory.c_str()) == 0);
  }
  if (plan.options->umask) {
    ::umask(*plan.options->umask);
  }
}

// As execvp(3): ENOENT and ENOTDIR go on with the next directory, EACCES too but is remembered,
// ENOEXEC goes to the shell (tini, env and timeout do the same), the rest ends the search.
void exec_candidates(const ChildPlan& plan) {
  int error = ENOENT;
  auto* const* environment = const_cast<char* const*>(plan.environment);
  for (const std::string& path : plan.candidates) {
    ::execve(path.c_str(), const_cast<char* const*>(plan.argv.data()), environment);
    if (errno == ENOEXEC) {
      auto** shell_argv = const_cast<const char**>(plan.shell_argv.data());
      shell_argv[1] = path.c_str();
      ::execve("/bin/sh", const_cast<char* const*>(shell_argv), environment);
      errno = ENOEXEC;
    }
    if (errno == EACCES || errno == ELOOP) {
      error = errno;
    } else if (errno != ENOENT && errno != ENOTDIR) {
      error = errno;
      break;
    }
  }
  errno = error;
}

}  // namespace

void become_program(const ChildPlan& plan) {
  place_descriptors(plan);
  enter_group(plan);
  enter_cgroup(plan);
  change_user(plan);
  change_place(plan);
  if (plan.options->parent_death_signal != 0) {
    check(plan, Step::death_signal,
          ::prctl(PR_SET_PDEATHSIG, plan.options->parent_death_signal, 0, 0, 0) == 0);
  }
  if (plan.ignores_statuses) {
    ::signal(SIGCHLD, SIG_IGN);
  }
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &plan.options->signal_mask, nullptr, 8);
  exec_candidates(plan);
  give_up(plan, Step::exec, errno);
}

}  // namespace toolkit::process
