#include "terminal.hpp"

#include <toolkit/base/file.hpp>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::supervise {

bool on_controlling_terminal() { return ::isatty(STDIN_FILENO) != 0 && ::tcgetpgrp(STDIN_FILENO) > 0; }

bool terminal_is_interactive() {
  termios settings{};
  return ::tcgetattr(STDIN_FILENO, &settings) == 0 && (settings.c_lflag & static_cast<tcflag_t>(ICANON)) == 0;
}

Result<PseudoTerminal> PseudoTerminal::open() {
  PseudoTerminal terminal;
  terminal.master_ = UniqueFd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.master_ || ::grantpt(terminal.master_.get()) != 0 || ::unlockpt(terminal.master_.get()) != 0) {
    return fail_errno("cannot make a terminal", errno, "mount devpts, or leave --pty out");
  }
  char name[64] = {};
  if (::ptsname_r(terminal.master_.get(), name, sizeof name) != 0) {
    return fail_errno("cannot name the terminal", errno);
  }
  TRY_ASSIGN(terminal.slave_, open_file(name, O_RDWR | O_NOCTTY));
  terminal.writing_ = UniqueFd(::fcntl(terminal.master_.get(), F_DUPFD_CLOEXEC, 3));
  terminal.copy_window_size();
  termios settings{};
  if (::tcgetattr(STDIN_FILENO, &settings) == 0) {
    terminal.saved_ = settings;
    ::cfmakeraw(&settings);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &settings);
  }
  return terminal;
}

PseudoTerminal::~PseudoTerminal() {
  if (saved_ && writing_) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &*saved_);
  }
}

void PseudoTerminal::forward_input() {
  char buffer[4096];
  const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
  if (count > 0) {
    (void)write_all(writing_.get(), {buffer, static_cast<std::size_t>(count)});
  } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
    input_open_ = false;
    const char end_of_file = 4;
    (void)write_all(writing_.get(), {&end_of_file, 1});
  }
}

void PseudoTerminal::copy_window_size() const {
  winsize size{};
  if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
    ::ioctl(writing_.get(), TIOCSWINSZ, &size);
  }
}

}  // namespace toolkit::supervise
