#pragma once
// When to do what while a job ends: pure decisions, fed with events and times. It never looks at a
// process.
//
//   running ──cancel──▶ stopping ──grace over──▶ killing ──drain over──▶ over (survivors are named)
//      │                   │ main ends: the others keep the rest of the grace
//      └──main ends──▶ draining ──drain over──▶ killing | stopping | over, by --leftover
//
// The job is over as soon as the main process, every descendant and every pipe have ended.

#include <toolkit/supervise/options.hpp>

#include <optional>

namespace toolkit::supervise {

enum class Phase { running, stopping, draining, killing, over };

class StopSequence {
 public:
  StopSequence(Milliseconds grace, Milliseconds drain, Leftover leftover)
      : grace_(grace), drain_(drain), leftover_(leftover) {}

  /// Starts the grace; a repeated cancel changes nothing, so a checkpoint keeps its time.
  void cancel(SteadyTime now);
  /// The terminal's Ctrl-C went to a program that lives on it: nothing is being stopped after all.
  void withdraw();
  void kill_now();
  /// SIGKILL has been sent to all: from now on there is a limit to waiting for them.
  void killed(SteadyTime now);
  void main_ended(SteadyTime now);

  struct Left {
    bool descendants = false;
    bool output = false;
  };
  /// Moves on with time. True once when the leftovers must get the stop signal.
  [[nodiscard]] bool advance(SteadyTime now, Left left);

  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] bool cancelled() const { return cancelled_; }
  /// When the phase changes by itself; max() for never.
  [[nodiscard]] SteadyTime deadline() const { return deadline_; }

 private:
  void enter(Phase phase, SteadyTime deadline);
  [[nodiscard]] bool drain_over(SteadyTime now);

  Milliseconds grace_, drain_;
  Leftover leftover_;
  Phase phase_ = Phase::running;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime main_end_ = SteadyTime::max();
  bool cancelled_ = false;
};

}  // namespace toolkit::supervise
