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

// Whether a shell would read nonsense: a program for another machine, or a first line with NUL in
// it. A file that cannot be read is left to the shell to judge.
bool is_binary(const char* path) {
  char head[80] = {};  // as much as bash looks at
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t count = fd < 0 ? 0 : ::read(fd, head, sizeof head);
  ::close(fd);
  if (count >= 4 && head[0] == '\x7f' && head[1] == 'E' && head[2] == 'L' && head[3] == 'F') {
    return true;
  }
  for (ssize_t i = 0; i < count && head[i] != '\n'; ++i) {
    if (head[i] == '\0') {
      return true;
    }
  }
  return false;
}

// As execvp(3), and so env and timeout: a script without a #! line goes to the shell.
void exec_one(const ChildPlan& plan, const char* path) {
  auto* const* environment = const_cast<char* const*>(plan.environment);
  ::execve(path, const_cast<char* const*>(plan.argv.data()), environment);
  if (errno != ENOEXEC) {
    return;
  }
  if (!is_binary(path)) {
    auto** shell_argv = const_cast<const char**>(plan.shell_argv.data());
    shell_argv[1] = path;
    ::execve("/bin/sh", const_cast<char* const*>(shell_argv), environment);
  }
  errno = ENOEXEC;
}

// As execvp(3): what is not there, or behind a dead mount, is looked for in the next directory;
// what may not be executed too, but is remembered; the rest ends the search.
void exec_candidates(const ChildPlan& plan) {
  int remembered = ENOENT;
  for (const std::string& path : plan.candidates) {
    exec_one(plan, path.c_str());
    if (errno == EACCES) {
      remembered = EACCES;
    } else if (errno != ENOENT && errno != ENOTDIR && errno != ESTALE && errno != ENODEV &&
               errno != ETIMEDOUT) {
      return;
    }
  }
  // A path that leads through a file is its own mistake; a directory in PATH that is none is
  // nobody's.
  if (remembered == EACCES || plan.candidates.size() > 1) {
    errno = remembered;
  }
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
  execute(plan);
  give_up(plan, Step::exec, errno);
}

void execute(const ChildPlan& plan) {
  if (plan.ignores_statuses) {
    ::signal(SIGCHLD, SIG_IGN);
  }
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &plan.options->signal_mask, nullptr, 8);
  exec_candidates(plan);
}

}  // namespace toolkit::process
