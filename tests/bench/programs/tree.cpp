// tree ROUNDS GRACE_MS :: COMMAND...: a COMMAND that grows a tree of processes, prints "pids N N …"
// and "ready", and has GRACE_MS between SIGTERM and SIGKILL. Each round sends SIGTERM once all is
// ready, waits for COMMAND's end and looks for every pid in /proc. Prints a line a round:
// nanoseconds from the moment at which SIGKILL was due to the end, processes alive, zombies. What
// is left is killed before the next round.
#include <signal.h>
#include <sys/prctl.h>
#include <tests/bench/programs/common.hpp>

#include <string>

namespace {

std::vector<pid_t> read_pids(int fd) {
  std::string text;
  char buffer[4096];
  while (text.find("ready\n") == std::string::npos) {
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count <= 0) {
      bench::give_up("tree: the command ended early");
    }
    text.append(buffer, static_cast<std::size_t>(count));
  }
  std::vector<pid_t> pids;
  for (std::size_t at = text.find(' '); at < text.find('\n'); at = text.find(' ', at + 1)) {
    pids.push_back(::atoi(text.c_str() + at));
  }
  return pids;
}

void round_of(const bench::Command& command, bench::Nanoseconds grace) {
  int ends[2];
  (void)!::pipe2(ends, O_CLOEXEC);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const pid_t pid = bench::spawn(command.data(), &actions);
  ::close(ends[1]);
  const std::vector<pid_t> pids = read_pids(ends[0]);
  const bench::Nanoseconds start = bench::now();
  ::kill(pid, SIGTERM);
  ::waitpid(pid, nullptr, 0);
  const bench::Nanoseconds end = bench::now();
  int alive = 0, zombies = 0;
  for (const pid_t one : pids) {
    const char state = bench::state_of(one);
    alive += state != '\0' && state != 'Z' ? 1 : 0;
    zombies += state == 'Z' ? 1 : 0;
    ::kill(one, state != '\0' ? SIGKILL : 0);
  }
  while (::waitpid(-1, nullptr, 0) > 0) {  // we are subreaper: what was left is ours now
  }
  ::close(ends[0]);
  ::posix_spawn_file_actions_destroy(&actions);
  ::printf("%lld %d %d %zu\n", static_cast<long long>(end - start - grace), alive, zombies,
           pids.size());
  ::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const auto commands = bench::commands(argc, argv, 3);
  if (commands.empty()) {
    return 2;
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  for (int round = ::atoi(argv[1]); round > 0; --round) {
    round_of(commands[0], static_cast<bench::Nanoseconds>(::atol(argv[2])) * 1'000'000);
  }
  return 0;
}
