#include "ssh_child.hpp"

#include <toolkit/process/child.hpp>
#include <toolkit/process/signals.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <utility>

namespace toolkit::store {
namespace {

bool make_non_blocking(const UniqueFd& fd) {
  return ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK) == 0;
}

}  // namespace

Result<SshChild> SshChild::start(const std::vector<std::string>& argv,
                                 const std::string& search_path) {
  int sockets[2], pipe[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
    return fail_errno("cannot make a socket for " + argv[0], errno);
  }
  SshChild child;
  child.socket = UniqueFd(sockets[0]);
  const UniqueFd theirs(sockets[1]);
  if (::pipe2(pipe, O_CLOEXEC) != 0) {
    return fail_errno("cannot make a pipe for " + argv[0], errno);
  }
  child.errors = UniqueFd(pipe[0]);
  const UniqueFd their_errors(pipe[1]);
  if (!make_non_blocking(child.socket) || !make_non_blocking(child.errors)) {
    return fail_errno("cannot make a pipe for " + argv[0], errno);
  }
  process::ChildOptions options;
  options.argv = argv;
  options.search_path = search_path;
  options.stdin_fd = theirs.get();
  options.stdout_fd = theirs.get();
  options.stderr_fd = their_errors.get();
  options.signal_mask = process::inherited_mask();
  auto pid = process::spawn(options);
  if (!pid) {
    return fail(ErrorKind::failed, pid.error().message, pid.error().remedy);
  }
  child.pid_ = *pid;
  return child;
}

SshChild::SshChild(SshChild&& other) noexcept
    : socket(std::move(other.socket)),
      errors(std::move(other.errors)),
      pid_(std::exchange(other.pid_, 0)) {}

SshChild::~SshChild() {
  socket.close();
  errors.close();
  // `run` reaps every child, and what is reaped has a number that is no longer ours.
  siginfo_t info{};
  const auto id = static_cast<id_t>(pid_);
  if (pid_ > 0 && ::waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT) == 0) {
    ::kill(-pid_, SIGKILL);  // the group, for a ProxyCommand of its own
    while (::waitid(P_PID, id, &info, WEXITED) != 0 && errno == EINTR) {
    }
  }
}

Result<std::vector<std::string>> split_command(const std::string& command) {
  std::vector<std::string> words;
  char quote = 0;
  bool in_word = false;
  for (const char c : command) {
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      if (!in_word) {
        words.emplace_back();
      }
      in_word = true;
    } else if (quote == 0 && c == ' ') {
      in_word = false;
    } else {
      if (!in_word) {
        words.emplace_back();
      }
      in_word = true;
      words.back() += c;
    }
  }
  if (quote != 0) {
    return fail(ErrorKind::usage, fmt::format("a quote without an end in -e '{}'", command));
  }
  if (words.empty()) {
    return fail(ErrorKind::usage, "the command of -e is empty", "for example: -e 'ssh -p 2222'");
  }
  return words;
}

}  // namespace toolkit::store
