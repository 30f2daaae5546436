// exec:COMMAND: it is so when the command exits with 0. The shell's own 126 and 127, a command that
// cannot be run or is not there, are final and say nothing; every other code is asked again.

#include "last_line.hpp"
#include "schemes.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/base/unique_fd.hpp>
#include <toolkit/process/child.hpp>
#include <toolkit/process/reaper.hpp>
#include <toolkit/process/signals.hpp>
#include <toolkit/process/wait_status.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace toolkit::probe {
namespace {

// Without a pidfd (before Linux 5.3) the end is looked for this often.
constexpr Milliseconds kGlance{10};
// How long an abandoned command that was killed is waited for, so that no zombie stays.
constexpr int kFarewellMilliseconds = 100;

// One run of the command. Nobody else waits for it, so its number stays its own until reap().
struct Run {
  pid_t pid = 0;
  UniqueFd end;     // pidfd; none on old kernels
  UniqueFd errors;  // its stderr
  LastLine last;
};

// The status of a run that has ended; a negative one when somebody else took it.
std::optional<int> reap(const Run& run) {
  siginfo_t info{};
  int result = 0;
  do {
    result = ::waitid(P_PID, static_cast<id_t>(run.pid), &info, WEXITED | WNOHANG);
  } while (result != 0 && errno == EINTR);
  if (result != 0) {
    return -1;
  }
  if (info.si_pid == 0) {
    return std::nullopt;
  }
  if (info.si_code == CLD_EXITED) {
    return info.si_status << 8;
  }
  return info.si_status | (info.si_code == CLD_DUMPED ? WCOREFLAG : 0);
}

// As process 1 we inherit what a command leaves behind in its group. True when nobody of it is ours
// any more.
bool reap_group(pid_t group) {
  siginfo_t info{};
  int result = 0;
  do {
    info.si_pid = 0;
    result = ::waitid(P_PGID, static_cast<id_t>(group), &info, WEXITED | WNOHANG);
  } while ((result == 0 && info.si_pid != 0) || (result != 0 && errno == EINTR));
  return result != 0;
}

// What is there, and not for ever: a command may write faster than we read.
void read_errors(Run& run) {
  char buffer[4096];
  for (int rounds = 0; run.errors && rounds < 16; ++rounds) {
    const ssize_t count = ::read(run.errors.get(), buffer, sizeof buffer);
    if (count > 0) {
      run.last.add({buffer, static_cast<std::size_t>(count)});
    } else if (count == 0) {
      run.errors.close();
    } else if (errno != EINTR) {
      return;
    }
  }
}

Finding judge(int status, const std::string& last_line) {
  Finding finding;
  if (status < 0) {
    finding.reason = Reason::unknown;
    finding.words = "somebody else took its exit code";
    return finding;
  }
  const process::WaitStatus ended(status);
  finding.met = status == 0;
  finding.reason = finding.met ? Reason::none : Reason::status;
  if (ended.signal() == 0 && (ended.exit_code() == 126 || ended.exit_code() == 127)) {
    finding.final = true;
    finding.reason = Reason::absent;
  }
  finding.words = ended.words();
  if (!finding.met && !last_line.empty()) {
    finding.words += ": " + last_line;
  }
  return finding;
}

class ExecProbe : public Probe {
 public:
  explicit ExecProbe(std::string command) : command_(std::move(command)) {}
  ~ExecProbe() override {
    abandon();
    for (const Run& run : killed_) {
      pollfd entry{run.end.get(), POLLIN, 0};
      if (!reap(run) && ::poll(&entry, 1, kFarewellMilliseconds) >= 0) {
        (void)reap(run);
      }
    }
  }

  void begin(SteadyTime now, SteadyTime until) override {
    abandon();
    finding_.reset();
    now_ = now;
    until_ = until;
    start();
  }

  void collect(std::vector<pollfd>& entries) const override {
    if (run_) {
      entries.push_back({run_->end.get(), POLLIN, 0});
      entries.push_back({run_->errors.get(), POLLIN, 0});
    }
    for (const Run& run : killed_) {
      entries.push_back({run.end.get(), POLLIN, 0});
    }
  }

  [[nodiscard]] SteadyTime next_deadline() const override {
    const bool blind = (run_ && !run_->end) ||
                       std::ranges::any_of(killed_, [](const Run& run) { return !run.end; });
    const SteadyTime glance = blind ? now_ + kGlance : SteadyTime::max();
    return run_ ? std::min(until_, glance) : glance;
  }

  void advance(std::span<const pollfd> /*entries*/, SteadyTime now) override {
    now_ = now;
    std::erase_if(killed_, [this](const Run& run) {
      const bool gone = reap(run).has_value();
      if (gone) {
        groups_.push_back(run.pid);
      }
      return gone;
    });
    std::erase_if(groups_, reap_group);
    if (!run_) {
      return;
    }
    read_errors(*run_);
    if (const auto status = reap(*run_)) {
      read_errors(*run_);
      finding_ = judge(*status, run_->last.text());
      if (!reap_group(run_->pid)) {
        groups_.push_back(run_->pid);
      }
      run_.reset();
    } else if (now >= until_) {
      finding_ = Finding{false, false, Reason::timed_out, "still running, ended", std::nullopt};
      abandon();
    }
  }

  [[nodiscard]] std::optional<Finding> take() override {
    return std::exchange(finding_, std::nullopt);
  }

 private:
  void start() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      return cannot_start({125, errno, fmt::format("cannot make a pipe: errno {}", errno), {}});
    }
    UniqueFd reading(ends[0]);
    const UniqueFd writing(ends[1]);
    const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);

    process::ChildOptions options;
    options.argv = process::shell_argv(command_);
    const char* path = ::getenv("PATH");
    options.search_path = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
    options.stdin_fd = nothing.get();
    options.stdout_fd = nothing.get();
    options.stderr_fd = writing.get();
    options.signal_mask = process::inherited_mask();
    const auto pid = process::spawn(options);
    if (!pid) {
      return cannot_start(pid.error());
    }
    run_.emplace();
    run_->pid = *pid;
    run_->errors = std::move(reading);
    // Close-on-exec by itself, pidfd_open(2).
    run_->end = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
  }

  void cannot_start(const process::SpawnError& error) {
    const bool stays = error.exit_code == 126 || error.exit_code == 127;
    finding_ = Finding{false, stays, stays ? Reason::absent : Reason::unknown, error.message, {}};
  }

  // Ends the run with all that is in its group; it is reaped when it is gone.
  void abandon() {
    if (run_) {
      ::kill(-run_->pid, SIGKILL);
      run_->errors.close();
      killed_.push_back(std::move(*run_));
      run_.reset();
    }
  }

  std::string command_;
  SteadyTime now_{}, until_{};
  std::optional<Run> run_;
  std::vector<Run> killed_;    // and not yet reaped
  std::vector<pid_t> groups_;  // of runs that are over, with processes that we inherited
  std::optional<Finding> finding_;
};

}  // namespace

Made make_exec(const condition::Leaf& leaf, const Settings& /*settings*/) {
  if (auto wrong = unknown_parameter(leaf, {})) {
    return tl::unexpected(std::move(*wrong));
  }
  if (trim(leaf.target.text).empty()) {
    return mistake(leaf, leaf.target, "exec: needs a command", "exec:'test -s /data/ready'");
  }
  process::receive_statuses();  // with SIGCHLD ignored the kernel would throw the exit code away
  return std::make_unique<ExecProbe>(leaf.target.text);
}

}  // namespace toolkit::probe
