#include <toolkit/output/console.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>

namespace toolkit::output {
namespace {

// More than one read of a source, so that only the tool's own lines can pass it.
constexpr std::size_t kPendingLimit = 512 << 10;
constexpr std::size_t kKeptCapacity = 64 << 10;

// A terminal says POLLOUT when it has room for a byte; n_tty's wake-up mark is 256 (WAKEUP_CHARS in
// drivers/tty/n_tty.c). A pipe says it when a page is free, and PIPE_BUF is a page (pipe(7)).
constexpr std::size_t kTerminalGate = 256;

bool is_final(int error) {
  return error == EPIPE || error == ECONNRESET || error == ENOTCONN || error == EIO ||
         error == EBADF || error == ENXIO;
}

// A write to a pipe without reader leaves SIGPIPE pending for this thread (it is blocked here).
// Taken off, or whoever reads the signals would hand it to the child.
void take_off_sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  const timespec at_once{};
  (void)::sigtimedwait(&set, nullptr, &at_once);
}

}  // namespace

Console::Console(int fd, Milliseconds stall_limit) : fd_(fd), stall_limit_(stall_limit) {}

void Console::find_kind() {
  kind_ = Kind::direct;
  struct stat status {};
  if (::fstat(fd_, &status) != 0) {
    kind_ = Kind::gated;  // right for whatever it is
    gate_ = PIPE_BUF;
    if (errno == EBADF) {
      refused(EBADF);
    }
    return;
  }
  if (S_ISSOCK(status.st_mode)) {
    kind_ = Kind::socket;
    return;
  }
  const bool terminal = S_ISCHR(status.st_mode) && ::isatty(fd_) == 1;
  if (!terminal && !S_ISFIFO(status.st_mode)) {
    return;
  }
  const std::string path = "/proc/self/fd/" + std::to_string(fd_);
  reopened_ = UniqueFd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  kind_ = reopened_ ? Kind::nonblocking : Kind::gated;
  gate_ = terminal ? kTerminalGate : PIPE_BUF;
}

void Console::write(std::string_view bytes, SteadyTime now) {
  if (kind_ == Kind::unknown && !bytes.empty()) {
    find_kind();
  }
  if (closed_ || stalled_) {
    dropped_ += bytes.size();
    return;
  }
  if (!pending()) {
    bytes.remove_prefix(push(bytes));
  }
  if (!bytes.empty()) {
    keep(bytes, now);
  }
}

void Console::keep(std::string_view bytes, SteadyTime now) {
  if (!pending()) {
    blocked_since_ = now;
  }
  const std::size_t held = pending_.size() - pending_at_;
  const std::size_t fits = std::min(bytes.size(), kPendingLimit - std::min(kPendingLimit, held));
  pending_.append(bytes.substr(0, fits));
  dropped_ += bytes.size() - fits;
}

void Console::advance(SteadyTime now) {
  if (stalled_) {
    look_whether_it_takes_bytes_again();
  }
  if (!pending()) {
    return;
  }
  const std::size_t taken = push(std::string_view(pending_).substr(pending_at_));
  pending_at_ += taken;
  if (!pending()) {
    forget_pending();
  } else if (taken > 0) {
    blocked_since_ = now;
  } else if (now >= deadline()) {
    give_up();
  }
}

void Console::give_up() {
  if (pending()) {
    dropped_ += pending_.size() - pending_at_;
    forget_pending();
    stalled_ = true;
  }
}

void Console::forget_pending() {
  pending_.clear();
  pending_at_ = 0;
  if (pending_.capacity() > kKeptCapacity) {
    pending_.shrink_to_fit();
  }
}

void Console::look_whether_it_takes_bytes_again() {
  pollfd entry{target(), POLLOUT, 0};
  if (::poll(&entry, 1, 0) != 1) {
    return;
  }
  stalled_ = false;
  if ((entry.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
    refused(EPIPE);
  }
}

int Console::poll_fd() const { return !closed_ && (pending() || stalled_) ? target() : -1; }

SteadyTime Console::deadline() const {
  return pending() ? blocked_since_ + stall_limit_ : SteadyTime::max();
}

// How many of `bytes` are dealt with: written, or dropped because the descriptor refuses them.
std::size_t Console::push(std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const std::ptrdiff_t count = write_once(bytes.substr(done));
    if (count >= 0) {
      done += static_cast<std::size_t>(count);
      written_ += static_cast<std::uint64_t>(count);
      error_ = 0;
    } else if (errno == EAGAIN) {
      return done;
    } else if (errno != EINTR) {
      dropped_ += bytes.size() - done;
      refused(errno);
      return bytes.size();
    }
  }
  return done;
}

std::ptrdiff_t Console::write_once(std::string_view bytes) const {
  switch (kind_) {
    case Kind::socket:
      return ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    case Kind::gated: {
      // Another writer to the same pipe can still take the room between the two calls; then we
      // block until the reader takes a page.
      pollfd entry{fd_, POLLOUT, 0};
      if (::poll(&entry, 1, 0) < 1) {
        errno = EAGAIN;
        return -1;
      }
      return ::write(fd_, bytes.data(), std::min(bytes.size(), gate_));
    }
    default:
      return ::write(target(), bytes.data(), bytes.size());
  }
}

void Console::refused(int error) {
  error_ = error;
  closed_ = kind_ == Kind::direct ? error == EBADF : is_final(error);
  if (error == EPIPE && kind_ != Kind::socket) {
    take_off_sigpipe();
  }
}

}  // namespace toolkit::output
