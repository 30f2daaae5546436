// What a signal to `run` means for the child.
#include "attempt.hpp"
#include "hooks.hpp"

#include <toolkit/base/json_writer.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>

namespace toolkit::supervise {
namespace {

constexpr int kInterruptsThatKill = 3;
// Sooner than a person's next Ctrl-C: a program that is back at its prompt must not be told the
// third.
constexpr Milliseconds kTerminalLook{50};

bool is_stop_key(int number) { return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU; }

// Our own writes to a console that is closed or a log that is too long (pipe(7), setrlimit(2)), and
// our own use of the CPU: none of the child's business.
bool is_of_our_making(const process::SignalEvent& event) {
  const bool own_write = event.number == SIGPIPE || event.number == SIGXFSZ;
  return (own_write && event.sender == ::getpid()) ||
         (event.number == SIGXCPU && event.code == SI_KERNEL);
}

double unix_seconds(SteadyTime deadline, SteadyTime now) {
  const auto wall =
      std::chrono::system_clock::now() + std::chrono::duration_cast<Milliseconds>(deadline - now);
  return std::chrono::duration<double>(wall.time_since_epoch()).count();
}

// Returns when somebody has continued us. That the child has stopped is old news by then.
void suspend() {
  ::kill(::getpid(), SIGSTOP);
  while (process::next_job_control_event()) {
  }
}

}  // namespace

void Attempt::on_signal(const process::SignalEvent& event, SteadyTime now) {
  if (event.number == SIGCHLD) {
    reap();
    if (on_terminal_ || stop_key_) {
      stop_with_child();
    }
    return;
  }
  if (is_of_our_making(event)) {
    return;
  }
  stop_key_ = event.code == SI_KERNEL && is_stop_key(event.number);
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
    const bool orphaned = options_.stop.die_with_parent && ::getppid() != job_.parent;
    cancel(orphaned ? Cause::parent_death : Cause::signal, number, event, now);
    return;
  }
  forwarder_.send(number, event);
  // A key asks the child, which may have to put its screen in order first; a shell's `kill` asks
  // the job.
  if (on_terminal_ && is_stop_key(event.number) && event.code != SI_KERNEL) {
    suspend();
  }
}

// The kernel sends a key's signal to the whole foreground group, so the child has it already. Only
// the news that the terminal is gone comes to the session leader alone, who is to pass it on.
bool Attempt::on_terminal_signal(const process::SignalEvent& event, SteadyTime now) {
  if (event.number == SIGINT) {
    on_interrupt_key(now);
  }
  return event.number != SIGHUP || ::getsid(0) != ::getpid();
}

void Attempt::on_interrupt_key(SteadyTime now) {
  if (terminal_is_interactive()) {
    withdraw_interrupt();
    return;
  }
  ++terminal_interrupts_;
  if (terminal_interrupts_ < kInterruptsThatKill) {
    begin_stopping(Cause::terminal, SIGINT, now);
    next_terminal_look_ = now + kTerminalLook;
    return;
  }
  voice_.say(log::Level::warn, "third Ctrl-C: killing");
  stop_.kill_now();
  announce_phase(Phase::stopping);
}

// A program that lives on the terminal took the Ctrl-C as a key press and is at its prompt again.
void Attempt::look_at_terminal(SteadyTime now) {
  next_terminal_look_ = SteadyTime::max();
  if (cause_ != Cause::terminal || stop_.phase() != Phase::stopping || main_) {
    return;
  }
  if (terminal_is_interactive()) {
    withdraw_interrupt();
  } else {
    next_terminal_look_ = now + kTerminalLook;
  }
}

void Attempt::withdraw_interrupt() {
  terminal_interrupts_ = 0;
  if (cause_ != Cause::terminal || stop_.phase() != Phase::stopping) {
    return;
  }
  cause_ = Cause::none;
  stop_.withdraw();
  reporter_.record().state = job::State::running;
  reporter_.record().deadline_unix.reset();
  reporter_.save();
  reporter_.event("resumed");
}

// Job control: when the child stops, the shell must see its job, us, stop too. The SIGCONT that
// wakes us comes through the queue and goes on to the child.
void Attempt::stop_with_child() {
  while (const auto change = process::next_job_control_event()) {
    if (change->pid == child_ && change->stopped && is_stop_key(change->signal)) {
      suspend();
    }
  }
}

void Attempt::begin_stopping(Cause cause, int number, SteadyTime now) {
  if (cause_ != Cause::none || stop_.phase() == Phase::killing) {
    return;
  }
  cause_ = cause;
  cause_signal_ = number;
  stopped_at_ = now;
  stop_.cancel(now);
  job::Record& record = reporter_.record();
  record.state = job::State::stopping;
  record.deadline_unix = unix_seconds(stop_.deadline(), now);
  const std::string why = cause == Cause::signal || cause == Cause::terminal
                              ? "received " + process::signal_name(number)
                          : cause == Cause::parent_death ? "our parent has died"
                          : cause == Cause::timeout      ? "the timeout has passed"
                                                         : "the job hangs";
  if (cause != Cause::terminal) {
    voice_.say(log::Level::info, fmt::format("{}: stopping {}, SIGKILL in {}", why, job_.name,
                                             describe_duration(job_.grace)));
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
