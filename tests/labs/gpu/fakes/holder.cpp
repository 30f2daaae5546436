// holder MILLISECONDS COMMAND...: runs a command, and holds each of its children at its end, as a
// driver holds a process in state D: killed, and not gone. Keeps holding for so long after the
// command has ended, then lets go. Times, of the wall clock in ms, go to stderr: `held PID T`,
// `ended T`, `released T`. The exit code is the command's.
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace {

long long now() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

void become(char** argv) {
  ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  raise(SIGSTOP);
  execvp(argv[0], argv);
  _exit(127);
}

bool is_new_or_exec(int event) {
  return event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE ||
         event == PTRACE_EVENT_EXEC;
}

// True: it stays as it is.
bool held(pid_t pid, pid_t command, int status) {
  if (status >> 16 != PTRACE_EVENT_EXIT || pid == command) {
    return false;
  }
  std::fprintf(stderr, "held %d %lld\n", pid, now());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    return 2;
  }
  const pid_t command = fork();
  if (command == 0) {
    become(argv + 2);
  }
  // What the command writes into is the command's alone.
  const int null = open("/dev/null", O_RDWR);
  dup2(null, 0);
  dup2(null, 1);
  int status = 0;
  waitpid(command, &status, 0);
  ptrace(PTRACE_SETOPTIONS, command, nullptr,
         PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
             PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL);
  ptrace(PTRACE_CONT, command, nullptr, nullptr);
  for (pid_t pid = 0; (pid = waitpid(-1, &status, __WALL)) > 0;) {
    if (pid == command && !WIFSTOPPED(status)) {
      break;
    }
    if (!WIFSTOPPED(status) || held(pid, command, status)) {
      continue;
    }
    const int signal = WSTOPSIG(status);
    const bool ours = signal == SIGTRAP || signal == SIGSTOP || is_new_or_exec(status >> 16);
    ptrace(PTRACE_CONT, pid, nullptr, ours ? 0 : signal);
  }
  std::fprintf(stderr, "ended %lld\n", now());
  usleep(static_cast<useconds_t>(std::atoi(argv[1])) * 1000);
  std::fprintf(stderr, "released %lld\n", now());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
