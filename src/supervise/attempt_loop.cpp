// The event loop: what is waited for, what time brings.
#include "attempt.hpp"

#include <toolkit/base/json_writer.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/process/tree.hpp>

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

namespace toolkit::supervise {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::microseconds kLookForEnd{100};
constexpr Milliseconds kTerminalLook{250};
constexpr Milliseconds kRollCall{1'000};
constexpr Milliseconds kKillPass{10};
constexpr Milliseconds kIdleSignalTime{
    2'000};  // for a child to print its stacks before it is stopped

// What is left until a deadline, as system calls take it: nothing is for ever.
std::optional<timespec> time_until(SteadyTime deadline) {
  if (deadline == SteadyTime::max()) {
    return std::nullopt;
  }
  const auto left = std::max(deadline - steady_clock::now(), steady_clock::duration::zero());
  return timespec{std::chrono::duration_cast<std::chrono::seconds>(left).count(),
                  std::chrono::nanoseconds(left % std::chrono::seconds(1)).count()};
}

// ppoll(2) with a deadline. Signals come through the signalfd among the entries, so no mask is
// given.
void wait_for(std::vector<pollfd>& entries, SteadyTime deadline) {
  const auto limit = time_until(deadline);
  if (::ppoll(entries.data(), entries.size(), limit ? &*limit : nullptr, nullptr) <= 0) {
    for (pollfd& entry : entries) {
      entry.revents = 0;
    }
  }
}

std::vector<process::ProcessInfo> living_descendants() {
  auto all = process::descendants(::getpid());
  std::erase_if(all, [](const process::ProcessInfo& info) { return info.state == 'Z'; });
  return all;
}

std::string name_list(const std::vector<process::ProcessInfo>& processes) {
  constexpr std::size_t kNamed = 8;
  std::string names;
  for (std::size_t i = 0; i < std::min(kNamed, processes.size()); ++i) {
    const process::ProcessInfo& info = processes[i];
    names += fmt::format("{}{} ({}{})", i == 0 ? "" : ", ", info.pid, printable(info.name),
                         info.state == 'D' ? ", in the kernel" : "");
  }
  return fmt::format("{} process{}: {}{}", processes.size(), processes.size() == 1 ? "" : "es",
                     names, processes.size() > kNamed ? ", …" : "");
}

}  // namespace

// A child whose outputs have just hung up has mostly ended: its files go a moment before it. To
// look for the signal meanwhile saves a sleep and a wake-up, 40 µs of every job's end.
bool Attempt::end_is_near() {
  if (main_ || !tee_ || tee_->open_sources() || std::exchange(looked_for_end_, true)) {
    return false;
  }
  const SteadyTime until = steady_clock::now() + kLookForEnd;
  while (::poll(entries_.data(), 1, 0) == 0 && steady_clock::now() < until) {
  }
  return entries_[0].revents != 0;
}

// Without output to look at, a signal is all that can come, and the child has it 1 to 4 µs sooner.
void Attempt::wait_for_signal() {
  const auto limit = time_until(next_deadline());
  auto event = signals_.wait(limit ? &*limit : nullptr);
  const SteadyTime now = steady_clock::now();
  for (; event; event = signals_.next()) {
    on_signal(*event, now);
  }
  look_after(now);
}

void Attempt::step() {
  if (!tee_ && !terminal_) {
    wait_for_signal();
    return;
  }
  entries_.clear();
  entries_.push_back({signals_.fd(), POLLIN, 0});
  entries_.push_back({terminal_ ? terminal_->input_fd() : -1, POLLIN, 0});
  entries_.push_back({terminal_ ? terminal_->output_fd() : -1, POLLOUT, 0});
  const std::size_t own = entries_.size();
  if (tee_) {
    tee_->collect(entries_);
  }
  if (!end_is_near()) {
    wait_for(entries_, next_deadline());
  }
  const SteadyTime now = steady_clock::now();
  if (tee_) {
    tee_->dispatch(entries_.data() + own, entries_.size() - own, std::chrono::system_clock::now(),
                   now);
    for (const std::string& warning : tee_->take_warnings()) {
      voice_.say(log::Level::warn, warning);
    }
  }
  if (entries_[1].revents != 0 || entries_[2].revents != 0) {
    terminal_->forward_input();
  }
  if (entries_[0].revents != 0) {
    while (const auto event = signals_.next()) {
      on_signal(*event, now);
    }
  }
  look_after(now);
}

SteadyTime Attempt::next_deadline() const {
  SteadyTime next =
      std::min({stop_.deadline(), timeout_, notice_, next_roll_call_, next_kill_pass_, idle_stop_,
                next_terminal_look_, main_ ? SteadyTime::max() : watchdog_.next_look()});
  if (terminal_ && terminal_->in_background()) {
    next = std::min(next, steady_clock::now() + kTerminalLook);
  }
  return tee_ ? std::min(next, tee_->next_deadline()) : next;
}

StopSequence::Left Attempt::left() const {
  return {.descendants = process::have_children(), .output = tee_ && tee_->open_sources()};
}

void Attempt::reap() {
  while (const auto reaped = process::reap_one()) {
    if (reaped->pid != child_) {  // an orphan, a hook, somebody's grandchild: normal for a reaper
      log_debug("reaped {}, which {}", reaped->pid, reaped->status.words());
      continue;
    }
    main_ = *reaped;
    ended_ = steady_clock::now();
    if (main_->status.exit_code() != 0 || voice_.gives_account()) {
      oom_after_ = memory_.oom_counts();
    }
    forwarder_.main_is_gone();
    timeout_ = notice_ = idle_stop_ = SteadyTime::max();
    stop_.main_ended(ended_);
    next_roll_call_ = ended_ + kRollCall;
    if (terminal_) {
      // Not before: a child that leaves its terminal for a moment would have ended its output.
      terminal_->close_child_end();
    }
    if (tee_) {
      tee_->drain(std::chrono::system_clock::now(), ended_);
    }
    reporter_.event("main_ended", [&](JsonWriter& json) {
      json.field("exit_code", main_->status.exit_code()).field("signal", main_->status.signal());
    });
  }
}

void Attempt::look_after(SteadyTime now) {
  if (!main_) {
    check_limits(now);
  }
  if (now >= next_terminal_look_) {
    look_at_terminal(now);
  }
  if (terminal_ && terminal_->in_background()) {
    terminal_->resume();
  }
  const Phase before = stop_.phase();
  if (main_ || now >= stop_.deadline()) {
    if (stop_.advance(now, left())) {
      forwarder_.send_to_tree(SIGTERM);
    }
  }
  if (stop_.phase() != before) {
    announce_phase(before);
  }
  if (stop_.phase() == Phase::killing && now >= next_kill_pass_) {
    kill_pass(now);
  }
  if (main_ && now >= next_roll_call_) {
    roll_call(now);
  }
}

void Attempt::kill_pass(SteadyTime now) {
  killed_main_ = killed_main_ || !main_;
  if (own_cgroup_) {
    own_cgroup_->kill();
  }
  process::kill_descendants();  // with a cgroup too: hooks and those who left it
  reap();
  // Looking through /proc takes milliseconds on a full machine, time that the dying need for
  // themselves.
  const SteadyTime passed = steady_clock::now();
  stop_.killed(passed);
  const auto pause = std::max<steady_clock::duration>(kKillPass, 4 * (passed - now));
  next_kill_pass_ = process::have_children() ? passed + pause : SteadyTime::max();
  if (main_ && stop_.advance(now, left())) {
    return;
  }
}

void Attempt::roll_call(SteadyTime now) {
  next_roll_call_ = now + kRollCall;
  const auto alive = living_descendants();
  if (!alive.empty()) {
    voice_.say(log::Level::info, "the main process is gone; waiting for " + name_list(alive));
  } else if (tee_ && tee_->open_sources()) {
    voice_.say(log::Level::info,
               "the main process is gone; its output is still held open from outside");
  }
}

void Attempt::check_limits(SteadyTime now) {
  if (now >= notice_) {
    notice_ = SteadyTime::max();
    voice_.say(log::Level::info,
               fmt::format("sending {} before the timeout",
                           process::signal_name(options_.stop.notice->signal.number)));
    forwarder_.send(options_.stop.notice->signal.number, {});
  }
  if (now >= timeout_) {
    timeout_ = SteadyTime::max();
    begin_stopping(Cause::timeout, 0, now);
    send_stop_signal(now);
  }
  if (now >= idle_stop_) {
    idle_stop_ = SteadyTime::max();
    begin_stopping(Cause::idle_timeout, 0, now);
    send_stop_signal(now);
  }
  if (cause_ == Cause::none && idle_stop_ == SteadyTime::max() &&
      watchdog_.expired(now, tee_ ? tee_->last_output() : started_)) {
    on_idle(now);
  }
}

void Attempt::on_idle(SteadyTime now) {
  voice_.say(log::Level::error,
             fmt::format("no output and no CPU use for {}: the tree is doing this",
                         describe_duration(options_.stop.idle_timeout)));
  for (const std::string& line : process::describe_stacks(child_)) {
    voice_.say(log::Level::error, line);
  }
  reporter_.event("idle");
  idle_stop_ = now;
  if (options_.stop.idle_signal.number != 0) {
    forwarder_.send(options_.stop.idle_signal.number, {});
    idle_stop_ = now + kIdleSignalTime;
  }
}

void Attempt::announce_phase(Phase before) {
  if (stop_.phase() == Phase::killing) {
    next_kill_pass_ = {};  // at once
    const auto alive = living_descendants();
    if (!alive.empty()) {
      voice_.say(log::Level::warn, fmt::format("{}: killing {}",
                                               before == Phase::stopping ? "the grace is over"
                                                                         : "the drain time is over",
                                               name_list(alive)));
    }
    reporter_.event("killing", [&](JsonWriter& json) {
      json.field("processes", static_cast<std::uint64_t>(alive.size()));
    });
  } else if (stop_.phase() == Phase::over && process::have_children() &&
             options_.stop.leftover != Leftover::leave) {
    reap();
    if (const auto alive = living_descendants(); !alive.empty()) {
      voice_.say(log::Level::error, "cannot be killed: " + name_list(alive));
    }
  }
}

}  // namespace toolkit::supervise
