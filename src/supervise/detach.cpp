#include "detach.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::supervise {
namespace {

// `line`: "job 4711\n". The job runs by now, so this is no failure to start it.
Result<std::optional<int>> tell(const std::string& line) {
  if (const int error = write_all(STDOUT_FILENO, line); error != 0) {
    const std::string what = "cannot write to stdout that " + line.substr(0, line.find('\n'));
    return Failure(Error{ErrorKind::failed, what + " has started: " + errno_words(error),
                         "the job runs; its record tells how it does", 1});
  }
  return std::optional(0);
}

// "0\nline" when the child runs, else "125\nmessage\x1fremedy".
Result<std::optional<int>> await(int fd) {
  std::string text;
  char buffer[512];
  ssize_t count = 0;
  while ((count = ::read(fd, buffer, sizeof buffer)) > 0 || (count < 0 && errno == EINTR)) {
    text.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  const auto line = text.find('\n');
  if (line == std::string::npos) {
    return toolkit::fail(ErrorKind::internal,
                         "the background supervisor died before the child ran");
  }
  const int code =
      static_cast<int>(parse_whole(std::string_view(text).substr(0, line)).value_or(125));
  const std::string rest = text.substr(line + 1);
  if (code == 0) {
    return tell(rest);
  }
  const auto cut = rest.find('\x1f');
  return Failure(Error{ErrorKind::failed, rest.substr(0, cut), rest.substr(cut + 1), code});
}

}  // namespace

Result<std::optional<int>> Detacher::detach() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail_errno("cannot make a pipe", errno);
  }
  UniqueFd reading(ends[0]);
  pipe_ = UniqueFd(ends[1]);
  TRY_ASSIGN(null_, open_file("/dev/null", O_RDWR));
  const pid_t pid = ::fork();
  if (pid < 0) {
    return fail_errno("cannot start a process", errno);
  }
  if (pid > 0) {
    pipe_.close();
    return await(reading.get());
  }
  ::setsid();
  ::dup2(null_.get(), STDIN_FILENO);
  return std::nullopt;
}

void Detacher::leave_streams() {
  if (pipe_) {
    ::dup2(null_.get(), STDOUT_FILENO);
    ::dup2(null_.get(), STDERR_FILENO);
  }
}

void Detacher::ready(const std::string& line) {
  if (pipe_) {
    (void)write_all(pipe_.get(), "0\n" + line + "\n");
    pipe_.close();
  }
}

void Detacher::fail(const Error& error) {
  if (pipe_) {
    leave_streams();  // who called us says it, not we too
    const int code = error.exit_code != 0 ? error.exit_code : 125;
    (void)write_all(pipe_.get(),
                    std::to_string(code) + "\n" + error.message + "\x1f" + error.remedy);
    pipe_.close();
  }
}

}  // namespace toolkit::supervise
