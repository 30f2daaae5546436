#include <toolkit/process/reaper.hpp>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>

namespace toolkit::process {
namespace {

bool ignored_at_start = false;

// With WNOHANG only ECHILD is an answer: nobody is left (wait4(2)). Anything else, EINTR or what a
// sandbox invents, says nothing about the children, and SIGCHLD will not come again to remind us.
bool ask_again(int tries) { return errno != ECHILD && tries < 16; }

}  // namespace

void receive_statuses() {
  struct sigaction inherited {};
  if (::sigaction(SIGCHLD, nullptr, &inherited) == 0 && inherited.sa_handler == SIG_IGN) {
    ignored_at_start = true;
    ::signal(SIGCHLD, SIG_DFL);
  }
}

bool statuses_were_ignored() { return ignored_at_start; }

std::optional<Reaped> reap_one() {
  Reaped reaped;
  int raw = 0;
  pid_t pid = -1;
  for (int tries = 0; pid < 0 && (tries == 0 || ask_again(tries)); ++tries) {
    pid = ::wait4(-1, &raw, WNOHANG, &reaped.usage);
  }
  if (pid <= 0) {
    return std::nullopt;
  }
  reaped.pid = pid;
  reaped.status = WaitStatus(raw);
  return reaped;
}

bool have_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

std::optional<JobControlEvent> next_job_control_event() {
  siginfo_t info{};
  if (::waitid(P_ALL, 0, &info, WSTOPPED | WCONTINUED | WNOHANG) != 0 || info.si_pid == 0) {
    return std::nullopt;
  }
  return JobControlEvent{info.si_pid, info.si_code != CLD_CONTINUED, info.si_status};
}

bool become_subreaper() { return ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0; }

}  // namespace toolkit::process
