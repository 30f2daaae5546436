#include "watch.hpp"

#include "lines.hpp"
#include "own_nodes.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <list>
#include <thread>

namespace toolkit::gpu {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct Running {
  ProbePlan plan;
  pid_t pid;
  UniqueFd lines;
  LineReader reader;
  Clock::time_point begin, last_word;
  bool passed_on = false, reaped = false;
  ProbeOutcome outcome;
};

void finish(Running& probe, std::string state, std::string detail) {
  probe.outcome.state = std::move(state);
  probe.outcome.detail = std::move(detail);
  // One that has said everything and does not go hangs where the driver closes its files.
  probe.outcome.phase = probe.outcome.state == "done" ? ""
                        : probe.reader.ended()        ? "exit"
                                                      : probe.reader.phase();
  const std::chrono::duration<double, std::milli> elapsed = Clock::now() - probe.begin;
  probe.outcome.elapsed_ms = elapsed.count();
  probe.reaped = true;
}

// Everything that is there to be read; closes at the end.
void read_lines(Running& probe) {
  std::array<char, 16384> buffer;
  while (probe.lines) {
    const ssize_t n = read(probe.lines.get(), buffer.data(), buffer.size());
    if (n > 0) {
      probe.reader.feed({buffer.data(), static_cast<std::size_t>(n)});
      probe.last_word = Clock::now();
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
      probe.lines.close();
    } else if (errno == EAGAIN) {
      return;
    }
  }
}

std::string words_of(int status) {
  if (WIFSIGNALED(status)) {
    return "signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
  }
  constexpr int kOverrun = 4;
  return WEXITSTATUS(status) == kOverrun ? "a call wrote outside of the memory it was given"
                                         : "exit code " + std::to_string(WEXITSTATUS(status));
}

// Has it ended? A child that somebody else reaped is judged by its last line.
void reap(Running& probe) {
  int status = 0;
  const pid_t pid = waitpid(probe.pid, &status, WNOHANG);
  if (pid == 0 || (pid < 0 && (errno != ECHILD || probe.lines))) {
    return;
  }
  read_lines(probe);
  const bool done = probe.reader.ended() && (pid < 0 || status == 0);
  finish(probe, done ? "done" : "crashed", done ? "" : pid < 0 ? "" : words_of(status));
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

class Watch {
 public:
  Watch(Launcher& launcher, milliseconds timeout, Facts& facts)
      : launcher_(launcher), facts_(facts), timeout_(timeout), deadline_(Clock::now() + timeout) {}

  void start(ProbePlan plan) {
    const Clock::time_point now = Clock::now();
    auto started = launcher_.start(plan.arguments);
    if (!started && plan.arguments[0] == "nodes") {
      started = ask_nodes_ourselves({plan.arguments.begin() + 1, plan.arguments.end()});
    }
    if (!started) {
      const char* state = launcher_.no_loader() ? "no loader" : "not started";
      facts_.probes.outcomes.push_back({plan.name, state, "", launcher_.why(), 0});
      return;
    }
    fcntl(started->lines.get(), F_SETFL, O_NONBLOCK);
    running_.push_back({std::move(plan),
                        started->pid,
                        std::move(started->lines),
                        LineReader(facts_),
                        now,
                        now,
                        false,
                        false,
                        {}});
    running_.back().outcome.name = running_.back().plan.name;
  }

  void until_the_end() {
    while (std::ranges::any_of(running_, still_there) && Clock::now() < deadline_) {
      wait_a_little();
      for (Running& probe : running_) {
        if (still_there(probe)) {
          read_lines(probe);
          reap(probe);
        }
      }
      pass_on();
    }
    end_by_force();
    for (Running& probe : running_) {
      facts_.probes.outcomes.push_back(std::move(probe.outcome));
    }
  }

 private:
  static bool still_there(const Running& probe) { return !probe.reaped; }

  // For a line; a probe whose pipe is closed is about to end, or was reaped by somebody else.
  void wait_a_little() {
    std::vector<pollfd> fds;
    bool ending = false;
    for (const Running& probe : running_) {
      if (still_there(probe) && probe.lines) {
        fds.push_back({probe.lines.get(), POLLIN, 0});
      }
      ending = ending || (still_there(probe) && !probe.lines);
    }
    const auto left = std::chrono::ceil<milliseconds>(deadline_ - Clock::now());
    const milliseconds most(ending ? 1 : 50);
    poll(fds.data(), fds.size(), static_cast<int>(std::clamp(left, milliseconds(0), most).count()));
  }

  void pass_on() {
    std::vector<ProbePlan> more;
    for (Running& probe : running_) {
      if (probe.reaped || probe.passed_on || probe.plan.rest == nullptr ||
          Clock::now() - probe.last_word < timeout_ / 4) {
        continue;
      }
      probe.passed_on = true;
      if (auto rest = probe.plan.rest(probe.plan, probe.reader.phase()); !rest.empty()) {
        more.push_back({probe.plan.name + ", the rest", std::move(rest), probe.plan.rest});
      }
    }
    for (ProbePlan& plan : more) {
      start(std::move(plan));
    }
  }

  // What cannot be killed is left: it holds nothing of ours.
  void end_by_force() {
    for (Running& probe : running_) {
      if (still_there(probe)) {
        probe.outcome.detail = place_of(probe.pid);
        kill(probe.pid, SIGKILL);
      }
    }
    const Clock::time_point last = Clock::now() + milliseconds(200);
    for (Running& probe : running_) {
      if (!still_there(probe)) {
        continue;
      }
      int status = 0;
      pid_t pid = 0;
      while ((pid = waitpid(probe.pid, &status, WNOHANG)) == 0 && Clock::now() < last) {
        std::this_thread::sleep_for(milliseconds(2));
      }
      read_lines(probe);
      const std::string unkillable = pid == 0 ? ", and could not be killed" : "";
      finish(probe, "hung", probe.outcome.detail + unkillable);
    }
  }

  Launcher& launcher_;
  Facts& facts_;
  milliseconds timeout_;
  Clock::time_point deadline_;
  std::list<Running> running_;
};

}  // namespace

void watch(Launcher& launcher, std::vector<ProbePlan> plans, milliseconds timeout, Facts& facts) {
  Watch watched(launcher, timeout, facts);
  for (ProbePlan& plan : plans) {
    watched.start(std::move(plan));
  }
  watched.until_the_end();
}

}  // namespace toolkit::gpu
