#include "running.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

namespace toolkit::gpu {
namespace {

using Clock = Watch::Clock;

std::string words_of(int status) {
  if (WIFSIGNALED(status)) {
    return "signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
  }
  constexpr int kOverrun = 4;
  return WEXITSTATUS(status) == kOverrun ? "a call wrote outside of the memory it was given"
                                         : "exit code " + std::to_string(WEXITSTATUS(status));
}

// Where the kernel has it: the state, what it waits for, its calls (root only).
std::string place_of(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/";
  const auto text = [&](const char* name) { return read_file(folder + name, 4096).value_or(""); };
  const std::string stat = text("stat");
  const std::size_t behind_name = stat.rfind(')');
  std::string place = "state ";
  place += behind_name != std::string::npos && behind_name + 2 < stat.size()
               ? stat.substr(behind_name + 2, 1)
               : "unknown";
  if (const std::string wchan = text("wchan"); !wchan.empty() && wchan != "0") {
    place += ", in " + wchan;
  }
  std::string calls;
  const std::string stack = text("stack");
  for (const std::string_view line : split(stack, '\n')) {
    const std::size_t begin = line.find("] ");
    const std::string_view call = begin == line.npos ? "" : line.substr(begin + 2);
    calls += call.empty()
                 ? ""
                 : (calls.empty() ? "" : " < ") + std::string(call.substr(0, call.find('+')));
  }
  return calls.empty() ? place : place + ", called by " + calls;
}

}  // namespace

void Running::finish(std::string state, std::string detail) {
  outcome.state = std::move(state);
  outcome.detail = std::move(detail);
  // One that has said everything and does not go hangs where the driver closes its files.
  outcome.phase = outcome.state == "done" ? "" : reader.ended() ? "exit" : reader.phase();
  const std::chrono::duration<double, std::milli> elapsed = Clock::now() - begin;
  outcome.elapsed_ms = elapsed.count();
  reaped = true;
}

void Running::listen() {
  std::array<char, 16384> buffer;
  while (lines) {
    const ssize_t n = read(lines.get(), buffer.data(), buffer.size());
    if (n > 0) {
      reader.feed({buffer.data(), static_cast<std::size_t>(n)});
      last_word = Clock::now();
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
      lines.close();
    } else if (errno == EAGAIN) {
      return;
    }
  }
}

void Running::reap() {
  int status = 0;
  const pid_t ended = waitpid(pid, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && (errno != ECHILD || lines))) {
    return;
  }
  listen();
  const bool done = reader.ended() && (ended < 0 || status == 0);
  finish(done ? "done" : "crashed", done ? "" : ended < 0 ? "" : words_of(status));
}

void Running::kill_it() {
  outcome.detail = place_of(pid);
  kill(pid, SIGKILL);
}

void Running::bury(Clock::time_point last) {
  int status = 0;
  pid_t ended = 0;
  while ((ended = waitpid(pid, &status, WNOHANG)) == 0 && Clock::now() < last) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  listen();
  finish("hung", outcome.detail + (ended == 0 ? ", and could not be killed" : ""));
}

}  // namespace toolkit::gpu
