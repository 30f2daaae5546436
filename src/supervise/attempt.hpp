#pragma once
// One life of the child, from spawn to the last reaped descendant: the event loop of `run`.
// Everything that happens arrives here as a readable descriptor (signals, pipes) or as time.

#include "forwarder.hpp"
#include "own_cgroup.hpp"
#include "reporter.hpp"
#include "stop_sequence.hpp"
#include "terminal.hpp"
#include "verdict.hpp"
#include "voice.hpp"
#include "watchdog.hpp"

#include <toolkit/process/reaper.hpp>
#include <toolkit/process/signals.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace toolkit::supervise {

struct AttemptResult {
  Verdict verdict;
  process::WaitStatus status;
  double wall_seconds = 0;
  output::TeeStats output;
  std::string stderr_tail;
  bool stop_requested = false;           // somebody asked us to end: no restart
  std::optional<SteadyTime> stopped_at;  // when they did
};

class Attempt {
 public:
  Attempt(const Options& options, const Job& job, Reporter& reporter, Voice& voice,
          process::SignalQueue& signals, int number);
  ~Attempt();

  /// Starts the child; `deadline` is that of --timeout for the whole job. Error: it never ran.
  [[nodiscard]] Result<void> start(SteadyTime deadline);
  /// Until the child and all it left are gone.
  [[nodiscard]] AttemptResult run();

 private:
  // attempt.cpp: birth and death
  Result<void> open_output();
  void count_oom_kills();
  void confirm_memory_group();
  void started();
  AttemptResult finish();
  Facts facts() const;
  void say_summary(const AttemptResult& result);
  void say_last_warnings();
  void fill_record(const AttemptResult& result, const process::Reaped& main);
  void count_output(const output::TeeStats& output);

  // attempt_loop.cpp: waiting and time
  void step();
  void wait_for_signal();
  bool end_is_near();
  void reap();
  void look_after(SteadyTime now);
  void check_limits(SteadyTime now);
  void on_idle(SteadyTime now);
  void roll_call(SteadyTime now);
  void kill_pass(SteadyTime now);
  [[nodiscard]] SteadyTime next_deadline() const;
  [[nodiscard]] StopSequence::Left left() const;

  // attempt_signals.cpp: what signals mean
  void on_signal(const process::SignalEvent& event, SteadyTime now);
  bool on_terminal_signal(const process::SignalEvent& event, SteadyTime now);
  void on_interrupt_key(SteadyTime now);
  void look_at_terminal(SteadyTime now);
  void withdraw_interrupt();
  void stop_with_child();
  void cancel(Cause cause, int number, const process::SignalEvent& event, SteadyTime now);
  void send_stop_signal(SteadyTime now);
  void begin_stopping(Cause cause, int number, SteadyTime now);
  void announce_phase(Phase before);

  const Options& options_;
  const Job& job_;
  Reporter& reporter_;
  Voice& voice_;
  process::SignalQueue& signals_;
  int number_;

  bool on_terminal_ = false;
  Forwarder forwarder_;
  StopSequence stop_;
  Watchdog watchdog_;
  std::unique_ptr<output::Tee> tee_;
  std::optional<PseudoTerminal> terminal_;
  std::optional<OwnCgroup> own_cgroup_;
  std::vector<struct pollfd> entries_;

  pid_t child_ = 0;
  std::optional<process::Reaped> main_;
  SteadyTime started_{}, ended_{};
  SteadyTime timeout_ = SteadyTime::max(), notice_ = SteadyTime::max();
  SteadyTime next_roll_call_ = SteadyTime::max(), next_kill_pass_ = SteadyTime::max();
  SteadyTime idle_stop_ = SteadyTime::max(), next_terminal_look_ = SteadyTime::max();
  cgroup::MemoryGroup memory_;
  std::optional<cgroup::OomCounts> oom_before_, oom_after_;
  Cause cause_ = Cause::none;
  int cause_signal_ = 0;
  std::optional<SteadyTime> stopped_at_;  // when we were asked to end
  bool killed_main_ = false;
  bool looked_for_end_ = false;
  int terminal_interrupts_ = 0;  // while stopping
  bool stop_key_ = false;        // the last signal was Ctrl-Z and its like
};

}  // namespace toolkit::supervise
