#include "pump.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace toolkit::output {
namespace {

// pipe(7): an unprivileged process may go up to /proc/sys/fs/pipe-max-size (1 MiB by default), and
// less once its user has pipe-user-pages-soft pages. A smaller pipe costs speed and nothing else.
constexpr int kWantedSize = 1 << 20;
constexpr int kSmallestWanted = 128 << 10;
constexpr std::size_t kDefaultSize = 64 << 10;

// N_TTY_BUF_SIZE is 4096 on the line discipline's side, with flip buffers of up to 64 KiB behind it
// (TTYB_DEFAULT_MEM_LIMIT in drivers/tty/tty_buffer.c).
constexpr std::size_t kTerminalSize = 68 << 10;

}  // namespace

Result<void> Pump::open_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail_errno("cannot make a pipe for the output", errno);
  }
  source_ = UniqueFd(ends[0]);
  child_end_ = UniqueFd(ends[1]);
  if (::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
    return fail_errno("cannot make a pipe for the output", errno);
  }
  capacity_ = kDefaultSize;
  terminal_ = false;
  return {};
}

void Pump::enlarge() {
  for (int size = kWantedSize; !terminal_ && size >= kSmallestWanted; size /= 2) {
    const int got = ::fcntl(source_.get(), F_SETPIPE_SZ, size);
    if (got > 0) {
      capacity_ = static_cast<std::size_t>(got);
      return;
    }
  }
}

void Pump::attach_terminal(UniqueFd master) {
  source_ = std::move(master);
  capacity_ = kTerminalSize;
  terminal_ = true;
}

void Pump::close() {
  source_.close();
  child_end_.close();
}

Pump::Found Pump::read(char* buffer, std::size_t size, std::size_t& count) {
  pollfd entry{source_.get(), POLLIN, 0};
  // A terminal's flags are shared with whoever writes to it, so they stay as they are: it may
  // block.
  if (terminal_ && ::poll(&entry, 1, 0) < 1) {
    return Found::nothing;
  }
  ssize_t got = 0;
  do {
    got = ::read(source_.get(), buffer, size);
  } while (got < 0 && errno == EINTR);
  if (got > 0) {
    count = static_cast<std::size_t>(got);
    return Found::bytes;
  }
  // The end is the end of file; a terminal's master says it with a hang-up and EIO. Closing at any
  // other error would make the child's next write fail.
  if (got < 0 && !((entry.revents & POLLHUP) != 0 && errno == EIO)) {
    return Found::nothing;
  }
  source_.close();
  return Found::end;
}

}  // namespace toolkit::output
