// What a signal to `run` means for the child.
#include <toolkit/base/json_writer.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>

#include "attempt.hpp"
#include "hooks.hpp"

namespace toolkit::supervise {
namespace {

constexpr int kInterruptsThatKill = 3;

bool is_stop_key(int number) { return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU; }

double unix_seconds(SteadyTime deadline, SteadyTime now) {
  const auto wall = std::chrono::system_clock::now() + std::chrono::duration_cast<Milliseconds>(deadline - now);
  return std::chrono::duration<double>(wall.time_since_epoch()).count();
}

}  // namespace

void Attempt::on_signal(const process::SignalEvent& event, SteadyTime now) {
  if (event.number == SIGCHLD) {
    reap();
    if (on_terminal_) {
      stop_with_child();
    }
    return;
  }
  if (event.number == SIGHUP && options_.output.reopen_on_hangup && tee_) {
    tee_->reopen_log();
    return;
  }
  if (event.number == SIGWINCH && terminal_) {
    terminal_->copy_window_size();
    return;
  }
  if (on_terminal_ && event.code == SI_KERNEL && on_terminal_signal(event, now)) {
    return;
  }
  const int number = options_.stop.rewrite.to[static_cast<std::size_t>(event.number)];
  if (number == 0) {
    return;
  }
  if (event.number == SIGTERM || event.number == SIGINT) {
    cancel(event.sender == 0 && options_.stop.die_with_parent ? Cause::parent_death : Cause::signal, number, event, now);
    return;
  }
  forwarder_.send(number, event);
}

// The kernel sends a key's signal to the whole foreground group, so the child has it already.
bool Attempt::on_terminal_signal(const process::SignalEvent& event, SteadyTime now) {
  if (event.number == SIGINT) {
    ++terminal_interrupts_;
    if (terminal_interrupts_ >= kInterruptsThatKill) {
      voice_.say(log::Level::warn, "third Ctrl-C: killing");
      stop_.kill_now(now);
      announce_phase(Phase::stopping);
    } else {
      begin_stopping(Cause::terminal, event.number, now);
    }
  }
  return true;
}

// Job control: when the child stops, the shell must see its job, us, stop too. When the shell continues us
// the whole group is continued; SIGCONT goes on in case only we were.
void Attempt::stop_with_child() {
  while (const auto change = process::next_job_control_event()) {
    if (change->pid == child_ && change->stopped && is_stop_key(change->signal)) {
      ::kill(::getpid(), SIGSTOP);
      forwarder_.send(SIGCONT, {});
    }
  }
}

void Attempt::begin_stopping(Cause cause, int number, SteadyTime now) {
  if (cause_ != Cause::none || stop_.phase() == Phase::killing) {
    return;
  }
  cause_ = cause;
  cause_signal_ = number;
  stop_.cancel(now);
  job::Record& record = reporter_.record();
  record.state = job::State::stopping;
  record.deadline_unix = unix_seconds(stop_.deadline(), now);
  const std::string why = cause == Cause::signal || cause == Cause::terminal ? "received " + process::signal_name(number)
                          : cause == Cause::parent_death                     ? "our parent has died"
                          : cause == Cause::timeout                          ? "the timeout has passed"
                                                                             : "the job hangs";
  if (cause != Cause::terminal) {
    voice_.say(log::Level::info, fmt::format("{}: stopping {}, SIGKILL in {}", why, job_.name, describe_duration(job_.grace)));
  }
  reporter_.event("stopping", [&](JsonWriter& json) {
    json.field("cause", why).field("deadline_unix", *record.deadline_unix);
  });
  reporter_.save();
  for (const std::string& command : options_.hooks.on_stop) {
    environment::Snapshot environment(job_.environment.as_envp());
    environment.set("TOOLKIT_CHILD_PID", std::to_string(child_));
    environment.set("TOOLKIT_DEADLINE", fmt::format("{:.3f}", *record.deadline_unix));
    if (const auto hook = start_hook(command, job_, environment); !hook) {
      voice_.say(log::Level::warn, "--on-stop: " + hook.error().message);
    }
  }
}

// Every request is passed on, one for one; only the first starts the clock.
void Attempt::cancel(Cause cause, int number, const process::SignalEvent& event, SteadyTime now) {
  const bool first = cause_ == Cause::none;
  const int sent = options_.stop.stop_signal ? options_.stop.stop_signal->number : number;
  forwarder_.send(sent, event);  // before the words: the child's clock is running too
  forwarder_.wake_if_stopped();
  if (first) {
    begin_stopping(cause, event.number, now);
  }
}

void Attempt::send_stop_signal(SteadyTime /*now*/) {
  forwarder_.send(options_.stop.stop_signal ? options_.stop.stop_signal->number : SIGTERM, {});
  forwarder_.wake_if_stopped();
}

}  // namespace toolkit::supervise
