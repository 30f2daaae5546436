#include "apart.hpp"

#include "wire.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/log.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <string>
#include <utility>

namespace toolkit::waiting {
namespace {

constexpr int kTimedOut = 124;
constexpr int kUnknown = 3;
constexpr int kSignalBase = 128;
// How much longer than the deadline the child may take for its last word, and for its end.
constexpr Milliseconds kPatience{50}, kFarewell{30};

constexpr auto kAskSomebody =
    std::to_array<std::string_view>({"9p", "afs", "beegfs", "ceph", "cifs", "fuse", "fuseblk",
                                     "gpfs", "lustre", "nfs", "nfs4", "smb3", "virtiofs"});

SteadyTime now_is() { return std::chrono::steady_clock::now(); }

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR) {
      return false;
    }
    bytes.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  return true;
}

// Whoever reads what we print must not wait for a child that was left behind.
void let_go_of_outputs() {
  if (const auto nothing = try_open("/dev/null", O_RDWR)) {
    ::dup2(nothing->get(), STDOUT_FILENO);
    if (!log::enabled(log::Level::debug)) {
      ::dup2(nothing->get(), STDERR_FILENO);
    }
  }
}

// The child's part. What arrives on the socket is the number of a signal; its end is our parent's.
void work(std::unique_ptr<Waiter> inner, const UniqueFd& socket, Milliseconds every) {
  let_go_of_outputs();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // what commands leave behind is looked after by who ran them
  const auto show = [&](const std::vector<LeafReport>& leaves, double seconds) {
    (void)send_all(socket.get(),
                   pack({false, {.seconds = seconds, .leaves = leaves, .missing = {}}}));
  };
  const auto stop = [&] {
    unsigned char number = 0;
    return ::recv(socket.get(), &number, 1, MSG_DONTWAIT) == 1 ? int{number} : SIGHUP;
  };
  const Report report = inner->wait({show, every}, {socket.get(), stop});
  (void)send_all(socket.get(), pack({true, report}));
}

class Apart final : public Waiter {
 public:
  Apart(std::unique_ptr<Waiter> inner, std::vector<LeafReport> leaves, Milliseconds timeout)
      : inner_(std::move(inner)), timeout_(timeout) {
    known_.leaves = std::move(leaves);
  }
  Report wait(const Progress& progress, const Interrupt& interrupt) override;

 private:
  [[nodiscard]] Report listen(const Progress& progress, const Interrupt& interrupt);
  [[nodiscard]] bool hear();
  [[nodiscard]] std::optional<Report> understand(const Progress& progress);
  void pass_on(int signal);
  [[nodiscard]] bool child_ends_within(Milliseconds time) const;
  [[nodiscard]] Report own_report();

  std::unique_ptr<Waiter> inner_;
  Milliseconds timeout_;
  SteadyTime start_{}, patience_ = SteadyTime::max();
  pid_t child_ = 0;
  UniqueFd socket_;
  std::string inbox_;
  Report known_;  // what the child has said last
  int signal_ = 0;
};

Report Apart::wait(const Progress& progress, const Interrupt& interrupt) {
  start_ = now_is();
  patience_ = timeout_.count() > 0 ? start_ + timeout_ + kPatience : SteadyTime::max();
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return inner_->wait(progress, interrupt);
  }
  socket_ = UniqueFd(ends[0]);
  UniqueFd theirs(ends[1]);
  child_ = ::fork();
  if (child_ < 0) {
    return inner_->wait(progress, interrupt);
  }
  if (child_ == 0) {
    socket_.close();
    work(std::move(inner_), theirs, progress.every);
    ::_exit(0);
  }
  theirs.close();
  inner_.reset();
  Report report = listen(progress, interrupt);
  if (!child_ends_within(kFarewell)) {
    ::kill(child_, SIGKILL);
    (void)child_ends_within(Milliseconds(1));
  }
  return report;
}

Report Apart::listen(const Progress& progress, const Interrupt& interrupt) {
  while (now_is() < patience_) {
    const int signals = signal_ == 0 ? interrupt.fd : -1;  // one is enough
    std::array<pollfd, 2> entries{{{signals, POLLIN, 0}, {socket_.get(), POLLIN, 0}}};
    const auto left = std::max(patience_ - now_is(), SteadyTime::duration(0));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec time{seconds.count(), (left - seconds).count()};
    const bool endless = patience_ == SteadyTime::max();
    if (::ppoll(entries.data(), entries.size(), endless ? nullptr : &time, nullptr) <= 0) {
      continue;
    }
    if (entries[1].revents != 0) {
      const bool alive = hear();
      if (auto report = understand(progress)) {
        return *report;
      }
      if (!alive) {
        break;
      }
    }
    if (entries[0].revents != 0 && interrupt.stop) {
      pass_on(interrupt.stop());
    }
  }
  return own_report();
}

// False when the child has gone.
bool Apart::hear() {
  std::array<char, 16 << 10> buffer;
  const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  inbox_.append(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

std::optional<Report> Apart::understand(const Progress& progress) {
  while (auto message = unpack(inbox_)) {
    if (message->last) {
      return std::move(message->report);
    }
    known_ = std::move(message->report);
    if (progress.show) {
      progress.show(known_.leaves, known_.seconds);
    }
  }
  return std::nullopt;
}

void Apart::pass_on(int signal) {
  if (signal != 0) {
    signal_ = signal;
    const auto number = static_cast<unsigned char>(signal);
    (void)::send(socket_.get(), &number, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    patience_ = std::min(patience_, now_is() + kPatience);
  }
}

bool Apart::child_ends_within(Milliseconds time) const {
  const SteadyTime end = now_is() + time;
  pid_t reaped = 0;
  while ((reaped = ::waitpid(child_, nullptr, WNOHANG)) == 0 && now_is() < end) {
    const timespec pause{0, 250'000};
    ::nanosleep(&pause, nullptr);
  }
  return reaped != 0;
}

// The child is held, or was killed: what it had said before is all there is.
Report Apart::own_report() {
  Report report = std::move(known_);
  report.seconds = std::chrono::duration<double>(now_is() - start_).count();
  report.signal = signal_;
  if (signal_ != 0) {
    report.ending = Ending::interrupted;
    report.exit_code = kSignalBase + signal_;
  } else if (now_is() >= patience_) {
    report.ending = Ending::timed_out;
    report.exit_code = kTimedOut;
  } else {
    report.ending = Ending::unknown;
    report.exit_code = kUnknown;
    log_warn("the process that looks at the conditions was killed");
  }
  for (std::size_t i = 0; i < report.leaves.size(); ++i) {
    LeafReport& leaf = report.leaves[i];
    if (!std::exchange(leaf.answered, true)) {
      leaf.finding.reason = probe::Reason::timed_out;
      leaf.finding.words = "no answer: what was asked has hung";
    }
    if (leaf.finding.met == leaf.negated) {
      report.missing.push_back(i);
    }
  }
  return report;
}

// A mount's type stands behind " - ": proc_pid_mountinfo(5).
std::string_view type_of(std::string_view line) {
  constexpr std::string_view kMark = " - ";
  const auto mark = line.find(kMark);
  const auto rest = mark == std::string_view::npos ? "" : line.substr(mark + kMark.size());
  return rest.substr(0, rest.find(' '));
}

}  // namespace

bool can_hold_us(std::string_view mountinfo) {
  for (const std::string_view line : split(mountinfo, '\n')) {
    const std::string_view type = type_of(line);
    if (type.starts_with("fuse.") || std::ranges::find(kAskSomebody, type) != kAskSomebody.end()) {
      return true;
    }
  }
  return false;
}

std::unique_ptr<Waiter> wait_apart(std::unique_ptr<Waiter> inner, std::vector<LeafReport> leaves,
                                   Milliseconds timeout) {
  return std::make_unique<Apart>(std::move(inner), std::move(leaves), timeout);
}

}  // namespace toolkit::waiting
