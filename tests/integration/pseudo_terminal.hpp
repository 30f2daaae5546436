#pragma once
// A program on a terminal of its own, with a person at it: types, reads, changes the window, hangs
// up.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <tests/support/process.hpp>
#include <tests/support/report.hpp>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::support {

class PseudoTerminal {
 public:
  /// The program leads a session with this as its controlling terminal.
  explicit PseudoTerminal(std::vector<std::string> argv) : argv_(std::move(argv)) {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(::grantpt(master_) == 0);
    REQUIRE(::unlockpt(master_) == 0);
    slave_ = ::open(::ptsname(master_), O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(slave_ >= 0);
    resize(24, 80);
    pid_ = ::fork();
    if (pid_ == 0) {
      become();
    }
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;
  ~PseudoTerminal() {
    for (const pid_t below : descendants_of(pid_)) {
      ::kill(below, SIGKILL);
    }
    if (!ended_) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    hang_up();
    ::close(slave_);
    on_failure_print("on a terminal: " + argv_.back() + "\n" + seen_);
  }

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const std::string& seen() const { return seen_; }
  void type(std::string_view keys) const {
    REQUIRE(::write(master_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
  }
  void resize(unsigned short rows, unsigned short columns) const {
    const winsize size{rows, columns, 0, 0};
    REQUIRE(::ioctl(master_, TIOCSWINSZ, &size) == 0);
  }
  [[nodiscard]] termios settings() const {
    termios settings{};
    REQUIRE(::tcgetattr(slave_, &settings) == 0);
    return settings;
  }
  [[nodiscard]] bool line_mode() const { return (settings().c_lflag & tcflag_t{ICANON}) != 0; }
  void hang_up() {
    if (master_ >= 0) {
      ::close(master_);
      master_ = -1;
    }
  }

  /// Reads until the text has come, after what earlier calls have found.
  [[nodiscard]] bool wait_for(std::string_view text,
                              std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (true) {
      if (const auto at = seen_.find(text, read_to_); at != std::string::npos) {
        read_to_ = at + text.size();
        return true;
      }
      if (std::chrono::steady_clock::now() > end) {
        return false;
      }
      read_some();
    }
  }
  /// The raw wait status; -1 when it does not end.
  [[nodiscard]] int wait(std::chrono::milliseconds limit = std::chrono::seconds(15)) {
    int status = -1;
    ended_ = wait_until(
        [&] {
          read_some(0);
          return ::waitpid(pid_, &status, WNOHANG) == pid_;
        },
        limit);
    read_some();
    return ended_ ? status : -1;
  }
  [[nodiscard]] int exit_code() {
    const int status = wait();
    return status != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  [[noreturn]] void become() {
    ::setsid();
    ::ioctl(slave_, TIOCSCTTY, 0);
    for (int fd = 0; fd < 3; ++fd) {
      ::dup2(slave_, fd);
    }
    ::setenv("PS1", "prompt> ", 1);
    ::setenv("TERM", "dumb", 1);
    std::vector<char*> words;
    for (std::string& word : argv_) {
      words.push_back(word.data());
    }
    words.push_back(nullptr);
    ::execvp(words[0], words.data());
    ::_exit(127);
  }
  void read_some(int milliseconds = 20) {
    pollfd entry{master_, POLLIN, 0};
    char buffer[4096];
    while (::poll(&entry, 1, milliseconds) > 0) {
      const ssize_t count = ::read(master_, buffer, sizeof buffer);
      if (count <= 0) {
        return;
      }
      seen_.append(buffer, static_cast<std::size_t>(count));
      milliseconds = 0;
    }
  }

  std::vector<std::string> argv_;
  int master_ = -1, slave_ = -1;
  pid_t pid_ = -1;
  bool ended_ = false;
  std::string seen_;
  std::size_t read_to_ = 0;
};

}  // namespace toolkit::support
