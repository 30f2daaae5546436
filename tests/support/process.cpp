#include <toolkit/base/unique_fd.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <tests/support/process.hpp>
#include <tests/support/report.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace toolkit::support {

using Clock = std::chrono::steady_clock;

namespace {
struct Pipe {
  UniqueFd read, write;
  Pipe() {
    int ends[2] = {-1, -1};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    read = UniqueFd(ends[0]);
    write = UniqueFd(ends[1]);
  }
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) {
    result.push_back(word.data());
  }
  result.push_back(nullptr);
  return result;
}

// A test program may have blocked or ignored things; what it starts begins with a clean slate.
void set_attributes(posix_spawnattr_t& attributes, bool own_group) {
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  const int group = own_group ? POSIX_SPAWN_SETPGROUP : 0;
  ::posix_spawnattr_setflags(
      &attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group));
}

pid_t spawn(std::vector<std::string> argv, const LaunchOptions& options,
            const std::array<int, 3>& fds) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  for (int i = 0; i < 3; ++i) {
    ::posix_spawn_file_actions_adddup2(&actions, fds[static_cast<std::size_t>(i)], i);
  }
  if (!options.directory.empty()) {
    ::posix_spawn_file_actions_addchdir_np(&actions, options.directory.c_str());
  }
  set_attributes(attributes, options.own_group);
  std::vector<std::string> environment = child_environment(options.env, options.unset);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes,
                                   pointers(argv).data(), pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  INFO("starting ", argv[0], ": ", ::strerror(error));
  REQUIRE(error == 0);
  return pid;
}

void kill_tree(pid_t pid) {
  const std::vector<pid_t> below = descendants_of(pid);
  ::kill(pid, SIGKILL);  // first, so that it does not get to react to the others' end
  for (const pid_t one : below) {
    ::kill(one, SIGKILL);
  }
}

std::string tail(const std::string& text) {
  constexpr std::size_t most = 4000;
  return text.size() <= most ? text
                             : "[" + std::to_string(text.size() - most) + " bytes]…" +
                                   text.substr(text.size() - most);
}

// Wakes when the process ends, to the microsecond, where a loop with pauses would blur a latency
// test.
void wait_for_end(pid_t pid, std::chrono::milliseconds limit) {
  const UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  pollfd event = {handle.get(), POLLIN, 0};
  const auto most = std::max<long long>(0, limit.count());
  ::poll(&event, 1, static_cast<int>(std::min<long long>(most, INT_MAX)));
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}
}  // namespace

struct Process::State {
  std::vector<std::string> argv;
  LaunchOptions options;
  Clock::time_point started = Clock::now();
  pid_t pid = -1;
  bool waited = false;
  Outcome outcome;
  Pipe out_pipe, err_pipe, in_pipe, stop_pipe;
  mutable std::mutex guard;
  std::string out, err;
  std::atomic<bool> outputs_ended = false;
  std::thread collector, feeder;

  State(std::vector<std::string> arguments, LaunchOptions launch)
      : argv(std::move(arguments)), options(std::move(launch)) {
    const auto pick = [](int given, const UniqueFd& ours) {
      return given >= 0 ? given : ours.get();
    };
    pid = spawn(argv, options,
                {pick(options.stdin_fd, in_pipe.read), pick(options.stdout_fd, out_pipe.write),
                 pick(options.stderr_fd, err_pipe.write)});
    in_pipe.read.close();
    out_pipe.write.close();
    err_pipe.write.close();
    collector = std::thread([this] { collect(); });
    feeder = std::thread([this] { feed(); });
  }

  void feed() {
    ::signal(SIGPIPE, SIG_IGN);
    std::string_view rest = options.input;
    while (!rest.empty()) {
      const ssize_t count = ::write(in_pipe.write.get(), rest.data(), rest.size());
      if (count <= 0) {
        break;
      }
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    in_pipe.write.close();
  }

  bool read_some(int fd, std::string& into) {
    std::array<char, 65536> buffer;
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count <= 0) {
      return false;
    }
    const std::lock_guard lock(guard);
    into.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }

  void collect() {
    std::array<pollfd, 3> fds = {{{out_pipe.read.get(), POLLIN, 0},
                                  {err_pipe.read.get(), POLLIN, 0},
                                  {stop_pipe.read.get(), POLLIN, 0}}};
    while ((fds[0].fd >= 0 || fds[1].fd >= 0) && ::poll(fds.data(), fds.size(), -1) > 0) {
      if (fds[0].revents != 0 && !read_some(fds[0].fd, out)) {
        fds[0].fd = -1;
      }
      if (fds[1].revents != 0 && !read_some(fds[1].fd, err)) {
        fds[1].fd = -1;
      }
      if (fds[2].revents != 0) {
        break;
      }
    }
    outputs_ended = true;
  }

  // Returns false while it still runs.
  bool try_wait() {
    if (waited) {
      return true;
    }
    int status = 0;
    struct rusage usage {};
    if (::wait4(pid, &status, WNOHANG, &usage) != pid) {
      return false;
    }
    outcome.seconds = std::chrono::duration<double>(Clock::now() - started).count();
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    outcome.user_seconds = seconds_of(usage.ru_utime);
    outcome.system_seconds = seconds_of(usage.ru_stime);
    waited = true;
    return true;
  }

  void finish(std::chrono::milliseconds pipe_limit) {
    if (!collector.joinable()) {
      return;
    }
    (void)wait_until([this] { return outputs_ended.load(); }, pipe_limit);
    stop_pipe.write.close();
    collector.join();
    feeder.join();
    outcome.out = out;
    outcome.err = err;
    std::string command;
    for (const std::string& word : argv) {
      command += " " + word;
    }
    on_failure_print("ran:" + command + "\n  exit code " + std::to_string(outcome.exit_code) +
                     ", signal " + std::to_string(outcome.signal) +
                     (outcome.timed_out ? ", KILLED AT THE LIMIT" : "") + ", " +
                     std::to_string(outcome.seconds) + " s\n--- its stdout\n" + tail(outcome.out) +
                     "\n--- its stderr\n" + tail(outcome.err) + "\n---");
  }
};

Process::Process(std::vector<std::string> argv, LaunchOptions options)
    : state_(std::make_unique<State>(std::move(argv), std::move(options))) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;

Process::~Process() {
  if (!state_) {
    return;
  }
  if (!state_->try_wait()) {
    kill_tree(state_->pid);
    (void)wait_until([this] { return state_->try_wait(); });
  }
  state_->finish(std::chrono::milliseconds(200));
}

pid_t Process::pid() const { return state_->pid; }
void Process::signal(int number) const { ::kill(state_->pid, number); }

std::string Process::out() const {
  const std::lock_guard lock(state_->guard);
  return state_->out;
}

std::string Process::err() const {
  const std::lock_guard lock(state_->guard);
  return state_->err;
}

bool Process::wait_for_out(std::string_view text, std::chrono::milliseconds limit) {
  return wait_until([&] { return state_->outputs_ended || out().find(text) != std::string::npos; },
                    limit) &&
         out().find(text) != std::string::npos;
}

bool Process::wait_for_err(std::string_view text, std::chrono::milliseconds limit) {
  return wait_until([&] { return state_->outputs_ended || err().find(text) != std::string::npos; },
                    limit) &&
         err().find(text) != std::string::npos;
}

bool Process::has_ended() const { return state_->try_wait(); }

const Outcome& Process::wait(std::chrono::milliseconds pipe_limit) {
  State& state = *state_;
  const auto used =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - state.started);
  if (!state.waited) {
    wait_for_end(state.pid, state.options.limit - used);
  }
  if (!state.try_wait()) {
    state.outcome.timed_out = true;
    kill_tree(state.pid);
    (void)wait_until([&] { return state.try_wait(); });
  }
  state.finish(pipe_limit);
  return state.outcome;
}

Outcome run_program(std::vector<std::string> argv, LaunchOptions options) {
  return Process(std::move(argv), std::move(options)).wait();
}

std::string state_dir() {
  static const TempDir directory;
  return directory.path();
}

Process start_toolkit(std::vector<std::string> args, LaunchOptions options) {
  args.insert(args.begin(), toolkit_path());
  options.env.try_emplace("TOOLKIT_STATE_DIR", state_dir());
  return Process(std::move(args), std::move(options));
}

Outcome run_toolkit(std::vector<std::string> args, LaunchOptions options) {
  return start_toolkit(std::move(args), std::move(options)).wait();
}

std::vector<std::string> operator+(std::vector<std::string> left,
                                   const std::vector<std::string>& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

}  // namespace toolkit::support
