#include "credential_answer.hpp"
#include "credential_sources.hpp"

#include <toolkit/base/unique_fd.hpp>
#include <toolkit/process/child.hpp>
#include <toolkit/process/signals.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace toolkit::store {
namespace {

constexpr std::chrono::seconds kLimit{60};
constexpr std::size_t kOutputLimit = 1 << 20;

// Blanks part words, but inside quotes and behind a backslash.
std::vector<std::string> words_of(std::string_view command) {
  std::vector<std::string> words;
  char quote = 0;
  bool inside = false;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (quote == 0 && (c == ' ' || c == '\t')) {
      inside = false;
      continue;
    }
    if (!inside) {
      words.emplace_back();
      inside = true;
    }
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < command.size()) {
      words.back() += command[++i];
    } else {
      words.back() += c;
    }
  }
  return words;
}

struct Program {
  pid_t pid = 0;
  UniqueFd output;
};

Result<Program> start(const Settings& settings, const std::string& command,
                      const std::string& source) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return fail_errno(source + ": cannot make a pipe", errno);
  }
  Program program{0, UniqueFd(ends[0])};
  const UniqueFd writing(ends[1]);
  const UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  process::ChildOptions options;
  options.argv = words_of(command);
  if (options.argv.empty()) {
    return fail(ErrorKind::usage, source + " is empty");
  }
  options.search_path = variable(settings, "PATH");
  options.stdin_fd = nothing.get();
  options.stdout_fd = writing.get();
  options.signal_mask = process::inherited_mask();
  const auto pid = process::spawn(options);
  if (!pid) {
    return fail(ErrorKind::failed, fmt::format("{}: {}", source, pid.error().message),
                pid.error().remedy);
  }
  program.pid = *pid;
  return program;
}

// All that it prints, until it closes its output.
Result<std::string> read_output(const Settings& settings, int fd, const std::string& source) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + kLimit;
  std::string text;
  std::array<char, 4096> buffer;
  while (true) {
    pollfd entries[] = {{fd, POLLIN, 0}, {settings.stop_fd, POLLIN, 0}};
    const auto left =
        std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    const int ready = ::poll(entries, 2, static_cast<int>(std::max<Milliseconds::rep>(left, 0)));
    if (entries[1].revents != 0) {
      return fail(ErrorKind::interrupted, source + ": interrupted");
    }
    if (ready == 0) {
      return fail(ErrorKind::unavailable, source + ": no answer for 60s");
    }
    const ssize_t got = ready > 0 ? ::read(fd, buffer.data(), buffer.size()) : -1;
    if (got == 0) {
      return text;
    }
    if (got < 0 && errno != EINTR) {
      return fail_errno(source, errno);
    }
    text.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (text.size() > kOutputLimit) {
      return fail(ErrorKind::failed, source + ": the program prints more than 1 MiB");
    }
  }
}

// Its exit code; nothing when somebody else took it, as `run`'s reaper may. Whoever has closed his
// output has a moment to end by himself.
std::optional<int> wait_for(pid_t pid) {
  constexpr int kGlances = 200, kGlanceMilliseconds = 10;
  int raw = 0;
  pid_t ended = 0;
  for (int glances = 0; (ended = ::waitpid(pid, &raw, WNOHANG)) == 0; ++glances) {
    if (glances == kGlances) {
      ::kill(-pid, SIGKILL);  // a group of its own
    }
    ::poll(nullptr, 0, kGlanceMilliseconds);
  }
  if (ended != pid) {
    return std::nullopt;
  }
  return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
}

}  // namespace

Result<S3Credentials> from_program(const Settings& settings, const std::string& command,
                                   const std::string& source) {
  TRY_ASSIGN(Program program, start(settings, command, source));
  auto output = read_output(settings, program.output.get(), source);
  program.output.close();
  if (!output) {
    ::kill(-program.pid, SIGKILL);
    (void)wait_for(program.pid);
    return Failure(std::move(output).error());
  }
  if (const auto code = wait_for(program.pid); code && *code != 0) {
    return fail(ErrorKind::denied, fmt::format("{}: the program ended with code {}", source, *code),
                "its reason is on stderr");
  }
  return parse_credentials_json(*output, source);
}

}  // namespace toolkit::store
