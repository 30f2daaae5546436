#include "job_judge.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/process/signals.hpp>

#include <fmt/core.h>

namespace toolkit::probe {
namespace {

using job::Record;
using job::State;

// Well below the two seconds in which a lost job is told. Without a record it may be starting, on a
// busy machine, where the making of a lock file and the lock are two steps (job/store.cpp).
constexpr Milliseconds kDoubt{150}, kDoubtWithoutRecord{500};

std::string job_end_words(const Record& record) {
  const bool by_signal = record.signal && *record.exit_code == 128 + *record.signal;
  std::string words = by_signal ? "killed by " + process::signal_name(*record.signal)
                                : fmt::format("exited {}", *record.exit_code);
  if (record.core_dumped) {
    words += " (core dumped)";
  }
  const bool plain =
      record.reason.empty() || record.reason == "exited" || record.reason == "signal";
  return plain ? words : fmt::format("{} ({})", words, printable(record.reason));
}

std::string alive_words(const Record& record) {
  return fmt::format("{}, attempt {}{}", state_name(record.state), record.attempt,
                     record.pid > 0 ? fmt::format(", pid {}", record.pid) : "");
}

Finding lost(const JobSight& sight) {
  const Record& record = *sight.record;
  return {false, true, Reason::lost,
          fmt::format("its supervisor died: last known as {}, attempt {}, {}",
                      state_name(sight.last_state), record.attempt,
                      record.pid > 0 ? fmt::format("pid {}", record.pid) : "no process yet"),
          120};
}

// An end that rests on a lock that is free, or on a record that is missing.
bool is_certain(const Finding& finding, const Record& record) {
  return !finding.final || record.state == State::exited ||
         (record.state != State::lost && !record.generation.empty());
}

}  // namespace

SteadyTime JobJudge::look_again() const {
  return doubtful_since_ ? *doubtful_since_ + doubt_ : SteadyTime::max();
}

// The job that was there when the wait began.
bool JobJudge::is_old(const JobSight& sight) {
  if (!std::exchange(looked_, true) && sight.record) {
    old_generation_ = sight.record->generation;
  }
  return wish_.only_new && sight.record && old_generation_ == sight.record->generation;
}

// The one that was waited for has gone without having been seen at its end.
bool JobJudge::was_replaced(const Record& record) {
  if (generation_.empty()) {
    generation_ = record.generation;
  }
  return !wish_.running && record.generation != generation_;
}

Finding JobJudge::judge_record(const JobSight& sight) {
  const Record& record = *sight.record;
  if (was_replaced(record)) {
    return wish_.codes.judge_unknown("ended, code unknown: another job has its name now");
  }
  switch (record.state) {
    case State::exited:
      break;
    case State::lost:
      return lost(sight);
    default:
      return {wish_.running && record.state == State::running, false,
              wish_.running && record.state == State::running ? Reason::none : Reason::not_yet,
              alive_words(record), std::nullopt};
  }
  if (!record.exit_code || *record.exit_code > 255) {
    return wish_.codes.judge_unknown("ended, and its record has no exit code");
  }
  Finding over = wish_.codes.judge(*record.exit_code, job_end_words(record));
  if (wish_.running) {
    over.met = false;
    over.exit_code = record.exit_code;
  }
  return over;
}

std::optional<Finding> JobJudge::judge(const JobSight& sight, SteadyTime now) {
  const bool old = is_old(sight);
  if (old || !sight.record) {
    doubtful_since_.reset();
    return Finding{false, false, old ? Reason::not_yet : sight.reason,
                   old ? fmt::format("an older job is there ({}); no new one yet",
                                     state_name(sight.record->state))
                       : sight.words,
                   std::nullopt};
  }
  Finding finding = judge_record(sight);
  if (is_certain(finding, *sight.record)) {
    doubtful_since_.reset();
    return finding;
  }
  doubtful_since_ = doubtful_since_.value_or(now);
  doubt_ = sight.record->generation.empty() ? kDoubtWithoutRecord : kDoubt;
  return now < look_again() ? std::nullopt : std::optional(finding);
}

}  // namespace toolkit::probe
