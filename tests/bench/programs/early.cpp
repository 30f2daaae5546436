// early TRIALS pid1|plain :: COMMAND...: what happens to a SIGTERM that comes 0 to 5 ms, uniformly
// at random, after a supervisor was spawned. "pid1": as PID 1 of a new PID namespace with its own
// /proc (needs root). The child behind it is a sleep; a trial is lost when anything goes on
// running. Before each kill we look whether the supervisor has SIGTERM blocked: a loss after that
// is its own fault, a loss before it is the kernel's, which drops what PID 1 has neither blocked
// nor handled. Time zero is the return of clone with CLONE_VFORK, as in posix_spawn: the new
// program's image is in place by then. Prints a line a command: trials, lost before, lost after.
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <tests/bench/programs/common.hpp>

namespace {

constexpr int patience_ms = 100;  // an ordinary end takes 2 ms
alignas(16) char stack[65536];
bool as_pid1 = false;

// On the parent's memory until exec: nothing but system calls.
int enter(void* argument) {
  if (as_pid1) {
    ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    ::mount("proc", "/proc", "proc", 0, nullptr);
  }
  for (int fd = 0; fd <= 2; ++fd) {
    ::close(fd);
    ::open("/dev/null", O_RDWR);
  }
  char* const* command = static_cast<char* const*>(argument);
  ::execv(command[0], command);
  ::_exit(127);
}

// Whether a mask of /proc/PID/status holds SIGTERM.
bool holds_term(pid_t pid, const char* mask_name) {
  const unsigned long long mask = ::strtoull(bench::status_line(pid, mask_name).text, nullptr, 16);
  return (mask >> (SIGTERM - 1) & 1) != 0;
}

// A supervisor that was not yet given a core to take its signal is waited for, not judged.
bool ends(pid_t pid) {
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  pollfd entry = {pidfd, POLLIN, 0};
  bool ended = false;
  do {
    ended = ::poll(&entry, 1, patience_ms) == 1;
  } while (!ended && holds_term(pid, "ShdPnd:"));
  ::close(pidfd);
  return ended;
}

// Our children that are not zombies: orphans of the supervisor come to us.
bool kill_children() {
  bool found = false;
  char path[64];
  ::snprintf(path, sizeof path, "/proc/self/task/%d/children", ::getpid());
  FILE* file = ::fopen(path, "re");
  for (int pid = 0; file != nullptr && ::fscanf(file, "%d", &pid) == 1;) {
    const char state = bench::state_of(pid);
    found = found || (state != '\0' && state != 'Z');
    ::kill(pid, SIGKILL);
  }
  if (file != nullptr) {
    ::fclose(file);
  }
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  return found;
}

// We spin until the moment comes, on the processor where the new program lies too; an ordinary
// scheduler lets it wait there for milliseconds, which is no supervisor's window. Of two real-time
// tasks the second is moved to the other processor at once.
void run_before_all_others() {
  const sched_param priority{1};
  if (::sched_setscheduler(0, SCHED_FIFO, &priority) != 0) {
    ::fprintf(stderr, "early: no real-time scheduling: the windows are the scheduler's\n");
  }
}

struct Tally {
  int trials = 0, before = 0, after = 0;
};

void trial(const bench::Command& command, bench::Nanoseconds latest, Tally& tally) {
  const int flags = CLONE_VM | CLONE_VFORK | SIGCHLD | (as_pid1 ? CLONE_NEWPID | CLONE_NEWNS : 0);
  void* argument = const_cast<char**>(command.data());
  const pid_t pid = ::clone(enter, stack + sizeof stack, flags, argument);
  const bench::Nanoseconds start = bench::now();
  if (pid < 0) {
    bench::give_up("early: clone");
  }
  const bench::Nanoseconds delay = ::random() % latest;
  while (bench::now() < start + delay) {
  }
  const bool blocked = holds_term(pid, "SigBlk:");
  ::kill(pid, SIGTERM);
  if (ends(pid)) {
    ::waitpid(pid, nullptr, 0);
  }
  bool lost = false;
  while (kill_children()) {
    lost = true;
    ::usleep(1000);
  }
  ++tally.trials;
  (blocked ? tally.after : tally.before) += lost ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto commands = bench::commands(argc, argv, 4);
  if (commands.empty()) {
    return 2;
  }
  as_pid1 = ::strcmp(argv[3], "pid1") == 0;
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  run_before_all_others();
  ::srandom(static_cast<unsigned>(bench::now()));
  const bench::Nanoseconds latest = static_cast<bench::Nanoseconds>(::atol(argv[2])) * 1000;
  std::vector<Tally> tallies(commands.size());
  for (int i = ::atoi(argv[1]); i > 0; --i) {
    for (const std::size_t which : bench::shuffled(commands.size())) {
      trial(commands[which], latest, tallies[which]);
    }
  }
  for (const Tally& tally : tallies) {
    ::printf("%d %d %d\n", tally.trials, tally.before, tally.after);
  }
  return 0;
}
