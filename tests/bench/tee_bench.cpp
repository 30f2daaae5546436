// The log path without the rest of `run`, for tuning it:
//   tee_bench LOG text|json|raw|cri COMMAND... >/dev/null
// runs COMMAND with its output through a tee into LOG ("-": none) and prints to stderr how long it
// took, CPU seconds of both sides, peak memory, and context switches.
#include <toolkit/output/tee.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace toolkit;
using namespace toolkit::output;
using std::chrono::steady_clock;
using std::chrono::system_clock;

namespace {

int wait_for(std::vector<pollfd>& entries, SteadyTime deadline) {
  if (deadline == SteadyTime::max()) {
    return ::poll(entries.data(), entries.size(), -1);
  }
  const auto left = std::max(deadline - steady_clock::now(), steady_clock::duration::zero());
  const timespec limit{std::chrono::duration_cast<std::chrono::seconds>(left).count(),
                       std::chrono::nanoseconds(left % std::chrono::seconds(1)).count()};
  return ::ppoll(entries.data(), entries.size(), &limit, nullptr);
}

pid_t start(char** argv, Tee& tee) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(tee.child_end(Stream::out), STDOUT_FILENO);
    ::dup2(tee.child_end(Stream::err), STDERR_FILENO);
    ::execvp(argv[0], argv);
    ::_exit(127);
  }
  tee.close_child_ends();
  return pid;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

// tee_bench LOG FORMAT COMMAND...: runs COMMAND with its output through the log path. LOG "-": no
// log.
int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: tee_bench LOG text|json|raw|cri COMMAND...\n");
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  TeeOptions options;
  const std::string format = argv[2];
  options.stamp.format = format == "json"  ? LogFormat::json
                         : format == "raw" ? LogFormat::raw
                         : format == "cri" ? LogFormat::cri
                                           : LogFormat::text;
  options.stamp.label = "train";
  if (std::string(argv[1]) != "-") {
    options.log = LogFileOptions{.path = argv[1]};
  }
  auto tee = Tee::open(options);
  if (!tee || !(*tee)->open_pipes()) {
    std::fprintf(stderr, "%s\n", tee ? "no pipes" : tee.error().message.c_str());
    return 1;
  }
  const auto begin = steady_clock::now();
  const pid_t pid = start(argv + 3, **tee);
  std::vector<pollfd> entries;
  while ((*tee)->open_sources()) {
    entries.clear();
    (*tee)->collect(entries);
    if (wait_for(entries, (*tee)->next_deadline()) <= 0) {
      for (pollfd& entry : entries) {
        entry.revents = 0;
      }
    }
    (*tee)->dispatch(entries.data(), entries.size(), system_clock::now(), steady_clock::now());
    for (const std::string& warning : (*tee)->take_warnings()) {
      std::fprintf(stderr, "%s\n", warning.c_str());
    }
  }
  (*tee)->close(Milliseconds(5000), system_clock::now());
  const double wall = std::chrono::duration<double>(steady_clock::now() - begin).count();
  rusage ours{};
  rusage childs{};
  ::getrusage(RUSAGE_SELF, &ours);
  int status = 0;
  ::wait4(pid, &status, 0, &childs);
  const TeeStats stats = (*tee)->stats();
  std::fprintf(stderr,
               "wall=%.3f cpu=%.3f user=%.3f sys=%.3f rss_kib=%ld child_wall_cpu=%.3f bytes=%lu "
               "lines=%lu log=%lu dropped=%lu switches=%ld+%ld\n",
               wall, seconds(ours.ru_utime) + seconds(ours.ru_stime), seconds(ours.ru_utime),
               seconds(ours.ru_stime), ours.ru_maxrss,
               seconds(childs.ru_utime) + seconds(childs.ru_stime),
               static_cast<unsigned long>(stats.out.bytes + stats.err.bytes),
               static_cast<unsigned long>(stats.out.lines + stats.err.lines),
               static_cast<unsigned long>(stats.log.bytes_written),
               static_cast<unsigned long>(stats.log.bytes_dropped + stats.out.console_dropped),
               ours.ru_nvcsw, ours.ru_nivcsw);
  return 0;
}
