#include "terminal.hpp"

#include <toolkit/base/file.hpp>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::supervise {
namespace {

bool in_foreground() { return ::tcgetpgrp(STDIN_FILENO) == ::getpgrp(); }

}  // namespace

bool on_controlling_terminal() {
  // 0 stands for a group outside of our PID namespace: ours, when that is outside too.
  const pid_t own = ::getpgrp();
  if (::isatty(STDIN_FILENO) != 0) {
    const pid_t foreground = ::tcgetpgrp(STDIN_FILENO);
    return foreground > 0 || (foreground == 0 && own == 0);
  }
  const UniqueFd terminal(::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC));
  return terminal && ::tcgetpgrp(terminal.get()) == own;
}

bool terminal_is_interactive() {
  termios settings{};
  return ::tcgetattr(STDIN_FILENO, &settings) == 0 &&
         (settings.c_lflag & static_cast<tcflag_t>(ICANON)) == 0;
}

Result<PseudoTerminal> PseudoTerminal::open() {
  PseudoTerminal terminal;
  // As posix_openpt(3), which is not repeated when it is interrupted.
  terminal.master_ = try_open("/dev/ptmx", O_RDWR | O_NOCTTY).value_or(UniqueFd());
  if (!terminal.master_ || ::grantpt(terminal.master_.get()) != 0 ||
      ::unlockpt(terminal.master_.get()) != 0) {
    return fail_errno("cannot make a terminal", errno, "mount devpts, or leave --pty out");
  }
  char name[64] = {};
  if (::ptsname_r(terminal.master_.get(), name, sizeof name) != 0) {
    return fail_errno("cannot name the terminal", errno);
  }
  TRY_ASSIGN(terminal.slave_, open_file(name, O_RDWR | O_NOCTTY));
  terminal.writing_ = UniqueFd(::fcntl(terminal.master_.get(), F_DUPFD_CLOEXEC, 3));
  ::fcntl(terminal.writing_.get(), F_SETFL, O_RDWR | O_NONBLOCK);  // a child may read nothing
  terminal.copy_window_size();
  termios settings{};
  if (::tcgetattr(STDIN_FILENO, &settings) == 0) {
    terminal.saved_ = settings;
  }
  terminal.resume();
  return terminal;
}

PseudoTerminal::~PseudoTerminal() {
  if (raw_ && writing_ && in_foreground()) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &*saved_);
  }
}

// In the background the terminal is the shell's: its settings stay, and its keys are not for us.
void PseudoTerminal::resume() {
  reading_ = !saved_ || in_foreground();
  if (saved_ && reading_) {
    termios settings = *saved_;
    ::cfmakeraw(&settings);
    raw_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0;
    copy_window_size();  // its changes are told to the foreground only
  }
}

void PseudoTerminal::forward_input() {
  if (pending_.empty()) {
    read_input();
  }
  const ssize_t count = ::write(writing_.get(), pending_.data(), pending_.size());
  if (count > 0) {
    pending_.erase(0, static_cast<std::size_t>(count));
  } else if (count < 0 && errno != EINTR && errno != EAGAIN) {
    pending_.clear();
  }
}

void PseudoTerminal::read_input() {
  char buffer[4096];
  const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
  if (count > 0) {
    pending_.assign(buffer, static_cast<std::size_t>(count));
    line_open_ = pending_.back() != '\n';
  } else if (count < 0 && saved_ && !in_foreground()) {
    reading_ = false;  // until we are in the foreground
  } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
    input_open_ = false;
    pending_ = end_of_input();
  }
}

// termios(3), VEOF: sends what is pending to the reader; only with nothing pending it is the end.
std::string PseudoTerminal::end_of_input() const {
  termios settings{};
  const bool known = ::tcgetattr(writing_.get(), &settings) == 0;
  const char key = known ? static_cast<char>(settings.c_cc[VEOF]) : '\4';
  return std::string(line_open_ ? 2 : 1, key);
}

void PseudoTerminal::copy_window_size() const {
  winsize size{};
  if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
    ::ioctl(writing_.get(), TIOCSWINSZ, &size);
  }
}

}  // namespace toolkit::supervise
