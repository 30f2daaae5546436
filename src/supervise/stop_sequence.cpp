#include "stop_sequence.hpp"

#include <algorithm>

namespace toolkit::supervise {
namespace {

// For a process to be gone after its SIGKILL, however short --drain is.
constexpr Milliseconds kDying{2'000};

}  // namespace

void StopSequence::enter(Phase phase, SteadyTime deadline) {
  phase_ = phase;
  deadline_ = deadline;
}

void StopSequence::cancel(SteadyTime now) {
  if (phase_ == Phase::running || phase_ == Phase::draining) {
    cancelled_ = true;
    enter(Phase::stopping, now + grace_);
  }
}

void StopSequence::withdraw() {
  if (phase_ == Phase::stopping && main_end_ == SteadyTime::max()) {
    cancelled_ = false;
    enter(Phase::running, SteadyTime::max());
  }
}

void StopSequence::kill_now() {
  if (phase_ != Phase::killing && phase_ != Phase::over) {
    enter(Phase::killing, SteadyTime::max());
  }
}

void StopSequence::killed(SteadyTime now) {
  if (phase_ == Phase::killing && deadline_ == SteadyTime::max()) {
    deadline_ = now + std::max(drain_, kDying);
  }
}

void StopSequence::main_ended(SteadyTime now) {
  main_end_ = now;
  // What shall be left alone is so when the job was asked to stop, too.
  const bool leaves = phase_ == Phase::stopping && leftover_ == Leftover::leave;
  if (phase_ == Phase::running || leaves) {
    enter(Phase::draining, now + drain_);
  }
}

bool StopSequence::drain_over(SteadyTime now) {
  switch (leftover_) {
    case Leftover::kill:
      kill_now();
      return false;
    case Leftover::stop:
      enter(Phase::stopping, now + grace_);
      return true;
    case Leftover::leave:
      break;
  }
  enter(Phase::over, SteadyTime::max());
  return false;
}

bool StopSequence::advance(SteadyTime now, Left left) {
  const bool main_gone = main_end_ != SteadyTime::max();
  // With --leftover leave only a held pipe is waited for, unless the killing has begun.
  const bool wait_for_descendants = leftover_ != Leftover::leave || phase_ != Phase::draining;
  if (main_gone && !left.output && !(left.descendants && wait_for_descendants)) {
    enter(Phase::over, SteadyTime::max());
    return false;
  }
  // Nobody of ours is left to write, but a pipe is still held, by a process outside our tree.
  if (main_gone && !left.descendants && (phase_ == Phase::killing || now >= main_end_ + drain_)) {
    enter(Phase::over, SteadyTime::max());
    return false;
  }
  if (now < deadline_) {
    return false;
  }
  if (phase_ == Phase::stopping) {
    kill_now();
  } else if (phase_ == Phase::draining) {
    return drain_over(now);
  } else if (phase_ == Phase::killing && main_gone) {
    enter(Phase::over, SteadyTime::max());  // unkillable: in the kernel for a dead disk or driver
  } else if (phase_ == Phase::killing) {
    // The main process's status is the product: never leave without it.
    deadline_ = now + std::max(drain_, kDying);
  }
  return false;
}

}  // namespace toolkit::supervise
