#include "watched_leaf.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace toolkit::waiting {
namespace {

// An event asks for an attempt at once, a stream of them (a log that grows all the time) for one a
// millisecond. The same holds for a probe that wants to go on at a time that is over.
constexpr Milliseconds kShortestPause{1};
// Attempts that are due within a thirty-second part of their pause share a wake-up.
constexpr int kEarlyPart = 32;

bool is_same(const probe::Finding& a, const probe::Finding& b) {
  return a.met == b.met && a.final == b.final && a.reason == b.reason && a.words == b.words &&
         a.exit_code == b.exit_code;
}

double seconds_between(SteadyTime from, SteadyTime to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

WatchedLeaf::WatchedLeaf(std::unique_ptr<probe::Probe> probe, LeafPlace place,
                         const Options& options, unsigned seed, std::size_t leaves)
    : probe_(std::move(probe)),
      place_(place),
      attempt_timeout_(std::max(options.attempt_timeout, kShortestPause)),
      interval_(options.interval),
      leaves_(leaves),
      backoff_(interval()),
      random_(seed) {}

void WatchedLeaf::begin(SteadyTime now, SteadyTime deadline) {
  ++attempts_;
  state_ = State::attempting;
  begun_ = now;
  until_ = std::min(now + attempt_timeout_, deadline);
  probe_->begin(now, until_);
  if (auto finding = probe_->take()) {
    note(std::move(*finding), now, true);
  }
  update(now);
}

bool WatchedLeaf::is_due(SteadyTime now) const { return wake_ <= now || wants_attempt(now); }

bool WatchedLeaf::wants_attempt(SteadyTime now) const {
  return state_ == State::resting && due_ <= now + early_;
}

void WatchedLeaf::go_on(std::span<const pollfd> entries, SteadyTime now, SteadyTime deadline) {
  if (!wants_attempt(now)) {
    advance(entries, now);
  }
  if (state_ == State::attempting && now >= until_) {
    note(no_answer(now), now, false);
  }
  if (wants_attempt(now)) {
    begin(now, deadline);
  } else {
    update(now);
  }
}

void WatchedLeaf::cut(SteadyTime now) {
  if (state_ != State::attempting) {
    return;
  }
  probe_->advance(wanted_, now);
  auto finding = probe_->take();
  // An attempt that had less than its time says little: what was known before says more.
  if (finding && (!answered_ || finding->reason != probe::Reason::timed_out)) {
    note(std::move(*finding), now, true);
  } else if (!answered_) {
    note(no_answer(now), now, false);
  }
}

condition::Value WatchedLeaf::value() const {
  if (seen_ && (finding_.met || probe::denies(finding_))) {
    return {finding_.met, finding_.final};
  }
  return {place_.negated, finding_.final};
}

bool WatchedLeaf::is_in_doubt() const {
  return place_.stable && state_ == State::attempting && value().met != place_.negated;
}

void WatchedLeaf::report_to(LeafReport& report, SteadyTime now) const {
  report.finding = finding_;
  report.attempts = attempts_;
  report.answered = answered_;
  report.age_seconds = answered_ ? seconds_between(ended_, now) : 0;
}

void WatchedLeaf::advance(std::span<const pollfd> entries, SteadyTime now) {
  probe_->advance(entries, now);
  if (state_ == State::attempting) {
    if (auto finding = probe_->take()) {
      note(std::move(*finding), now, true);
    }
  } else if (probe_->stirred()) {
    due_ = std::min(due_, std::max(now, ended_ + kShortestPause));
    early_ = Duration(0);
  }
}

void WatchedLeaf::note(probe::Finding finding, SteadyTime now, bool seen) {
  const bool was_met = finding_.met;
  changed_ = changed_ || !answered_ || seen != seen_ || !is_same(finding, finding_);
  finding_ = std::move(finding);
  if (seen) {
    said_ = finding_.words;
  }
  answered_ = true;
  seen_ = seen;
  ended_ = now;
  backoff_.limit(interval());
  if (was_met && !finding_.met) {
    backoff_.restart();
  } else if (finding_.met) {
    backoff_.relax();
  }
  plan_next(now);
}

void WatchedLeaf::plan_next(SteadyTime now) {
  state_ = finding_.final ? State::settled : State::resting;
  early_ = Duration(0);
  if (state_ == State::settled) {
    due_ = SteadyTime::max();
  } else if (probe_->stirred()) {
    due_ = now + kShortestPause;
  } else if (seen_ && probe_->tells_all()) {
    due_ = SteadyTime::max();
  } else {
    // An attempt that had all its time is begun anew at once, unless it was given very little.
    const Duration rest = pause();
    due_ = seen_ ? now + rest : std::max(now, begun_ + rest);
    early_ = rest / kEarlyPart;
  }
}

// Asks the probe what it waits for, after anything that may have changed it.
void WatchedLeaf::update(SteadyTime now) {
  wanted_.clear();
  wake_ = SteadyTime::max();
  if (state_ == State::settled) {
    return;
  }
  wake_ = state_ == State::attempting ? until_ : due_;
  if (state_ == State::resting && probe_->stirred()) {
    return;  // the attempt is already decided: its event needs not wake us again
  }
  wake_ = std::min(wake_, std::max(probe_->next_deadline(), now + kShortestPause));
  probe_->collect(wanted_);
}

probe::Finding WatchedLeaf::no_answer(SteadyTime now) const {
  const auto tried = std::chrono::duration_cast<Milliseconds>(now - begun_);
  probe::Finding finding;
  finding.reason = probe::Reason::timed_out;
  finding.words = fmt::format("no answer within {}", describe_duration(tried));
  if (!said_.empty()) {
    finding.words += fmt::format("; before that: {}", said_);
  }
  return finding;
}

Milliseconds WatchedLeaf::interval() const {
  return interval_at(place_, interval_.value_or(usual_interval(probe_->pace(), leaves_)));
}

Duration WatchedLeaf::pause() {
  return backoff_.next(std::uniform_real_distribution<double>(0, 1)(random_));
}

}  // namespace toolkit::waiting
