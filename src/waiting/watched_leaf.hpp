#pragma once
// One leaf while it is waited for: its probe, and when that is asked. A small state machine:
// resting until the next attempt or an event, attempting, or settled for good. It never sleeps;
// the loop in waiter.cpp says what is ready and what time it is.

#include "backoff.hpp"
#include "leaf_place.hpp"

#include <toolkit/condition/evaluator.hpp>
#include <toolkit/waiting/waiter.hpp>

#include <memory>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace toolkit::waiting {

class WatchedLeaf {
 public:
  WatchedLeaf(std::unique_ptr<probe::Probe> probe, LeafPlace place, const Options& options,
              unsigned seed, std::size_t leaves);

  /// Starts an attempt, which has until `deadline` at the most.
  void begin(SteadyTime now, SteadyTime deadline);
  /// Whether go_on() has something to do although no descriptor is ready.
  [[nodiscard]] bool is_due(SteadyTime now) const;
  /// Lets the probe go on, notes what it found, and begins the next attempt when it is time.
  /// `entries` are those of wanted() with their revents.
  void go_on(std::span<const pollfd> entries, SteadyTime now, SteadyTime deadline);
  /// The time is over: a last word of an attempt that is under way.
  void cut(SteadyTime now);

  /// What the probe wants of poll(2).
  [[nodiscard]] std::span<const pollfd> wanted() const { return wanted_; }
  /// When is_due() will be true at the latest; max for never.
  [[nodiscard]] SteadyTime wake() const { return wake_; }

  /// What the evaluator is told. What was not seen counts against the whole, also under a `not`.
  [[nodiscard]] condition::Value value() const;
  /// Speaks for the whole by an answer that an attempt under way may be about to take back.
  [[nodiscard]] bool is_in_doubt() const;
  /// The value if that attempt took it back.
  [[nodiscard]] condition::Value doubted_value() const { return {place_.negated, false}; }

  /// Whether the finding has changed since the last call.
  [[nodiscard]] bool take_change() { return std::exchange(changed_, false); }
  void report_to(LeafReport& report, SteadyTime now) const;

 private:
  enum class State { resting, attempting, settled };

  [[nodiscard]] bool wants_attempt(SteadyTime now) const;
  void advance(std::span<const pollfd> entries, SteadyTime now);
  void note(probe::Finding finding, SteadyTime now, bool seen);
  void plan_next(SteadyTime now);
  void update(SteadyTime now);
  [[nodiscard]] probe::Finding no_answer(SteadyTime now) const;
  [[nodiscard]] Duration pause();
  [[nodiscard]] Milliseconds interval() const;

  std::unique_ptr<probe::Probe> probe_;
  LeafPlace place_;
  Milliseconds attempt_timeout_;
  std::optional<Milliseconds> interval_;  // as the user says
  std::size_t leaves_;                    // of the whole tree, which share the processor
  Backoff backoff_;
  std::minstd_rand random_;

  State state_ = State::resting;
  SteadyTime begun_{}, until_{}, ended_{};  // of the last attempt
  SteadyTime due_ = SteadyTime::max();      // the next attempt, while resting
  Duration early_{0};                       // by which due_ may be anticipated
  SteadyTime wake_ = SteadyTime::max();
  std::vector<pollfd> wanted_;

  probe::Finding finding_;
  std::string said_;  // the probe's own last words
  bool answered_ = false;
  bool seen_ = false;  // the last finding is the probe's own
  bool changed_ = false;
  int attempts_ = 0;
};

}  // namespace toolkit::waiting
