#include "hook_runner.hpp"

#include <toolkit/process/reaper.hpp>

#include <fmt/core.h>
#include <poll.h>

#include <algorithm>
#include <chrono>

namespace toolkit::supervise {
namespace {

using std::chrono::steady_clock;

int milliseconds_until(SteadyTime end) {
  if (end == SteadyTime::max()) {
    return -1;
  }
  const auto left = std::chrono::ceil<Milliseconds>(end - steady_clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 1'000'000));
}

bool asks_to_stop(const process::SignalEvent& event) {
  return event.number == SIGTERM || event.number == SIGINT;
}

}  // namespace

Result<void> run_hook(const char* option, const std::string& command, const Job& job,
                      const environment::Snapshot& environment, process::SignalQueue& signals,
                      SteadyTime deadline) {
  const auto pid = start_hook(command, job, environment);
  if (!pid) {
    return Failure(Error{ErrorKind::failed, fmt::format("{}: {}", option, pid.error().message),
                         pid.error().remedy, 125});
  }
  bool stopped = false;
  while (true) {
    pollfd entry{signals.fd(), POLLIN, 0};
    if (::poll(&entry, 1, milliseconds_until(deadline)) == 0) {
      ::kill(-*pid, SIGKILL);
      deadline = SteadyTime::max();
    }
    while (const auto event = signals.next()) {
      if (event->number != SIGCHLD) {
        stopped = stopped || asks_to_stop(*event);
        ::kill(-*pid, event->number);
      }
    }
    while (const auto reaped = process::reap_one()) {
      if (reaped->pid == *pid) {
        if (stopped || reaped->status.exit_code() != 0) {
          return Failure(Error{ErrorKind::failed,
                               fmt::format("{} '{}' {}", option, command, reaped->status.words()),
                               "", stopped ? reaped->status.exit_code() : 125});
        }
        return {};
      }
    }
  }
}

bool stopped_while_waiting(process::SignalQueue& signals, SteadyTime end) {
  while (steady_clock::now() < end) {
    pollfd entry{signals.fd(), POLLIN, 0};
    (void)::poll(&entry, 1, milliseconds_until(end));
    while (const auto event = signals.next()) {
      if (asks_to_stop(*event)) {
        return true;
      }
    }
    while (process::reap_one()) {
    }
  }
  return false;
}

}  // namespace toolkit::supervise
