#include <doctest/doctest.h>
#include <src/probe/job_judge.hpp>

using toolkit::Milliseconds;
using toolkit::SteadyTime;
using toolkit::job::Record;
using toolkit::job::State;
using toolkit::probe::Finding;
using toolkit::probe::JobJudge;
using toolkit::probe::JobSight;
using toolkit::probe::Reason;

namespace {

const SteadyTime kStart{};

JobSight sight(State state, const std::string& generation = "g1", std::optional<int> code = {}) {
  Record record;
  record.name = "train";
  record.generation = generation;
  record.state = state;
  record.attempt = 2;
  record.pid = 77;
  record.exit_code = code;
  return {record, state == State::lost ? State::stopping : state, "/run/toolkit/train", {}, {}};
}

JobSight nothing() { return {{}, {}, {}, Reason::absent, "no such job yet"}; }

}  // namespace

TEST_CASE("a job is waited for until its last record") {
  JobJudge judge({});
  CHECK(judge.judge(nothing(), kStart)->reason == Reason::absent);
  for (const State state : {State::starting, State::running, State::stopping}) {
    const auto finding = judge.judge(sight(state), kStart);
    REQUIRE(finding);
    CHECK_FALSE(finding->met);
    CHECK_FALSE(finding->final);
    CHECK(finding->reason == Reason::not_yet);
    CHECK(finding->words == std::string(toolkit::job::state_name(state)) + ", attempt 2, pid 77");
  }
  const auto over = judge.judge(sight(State::exited, "g1", 3), kStart);
  CHECK(over->met);
  CHECK(over->final);
  CHECK(over->exit_code == 3);
  CHECK(over->words == "exited 3");
}

TEST_CASE("the words of an end name the signal, the core and a reason of the supervisor") {
  JobJudge judge({});
  JobSight end = sight(State::exited, "g1", 139);
  end.record->signal = 11;
  end.record->core_dumped = true;
  end.record->reason = "signal";
  CHECK(judge.judge(end, kStart)->words == "killed by SIGSEGV (core dumped)");
  end = sight(State::exited, "g1", 124);
  end.record->signal = 15;
  end.record->reason = "timeout";
  CHECK(judge.judge(end, kStart)->words == "exited 124 (timeout)");
}

TEST_CASE("a record without a code that can be is over with an unknown one") {
  for (const std::optional<int> code : {std::optional<int>(), std::optional<int>(70'000)}) {
    JobJudge judge({});
    const auto over = judge.judge(sight(State::exited, "g1", code), kStart);
    CHECK(over->met);
    CHECK(over->final);
    CHECK(over->exit_code == 3);
    CHECK(over->words == "ended, and its record has no exit code");
  }
}

TEST_CASE("a lost job is told after a second look, with what was known of it") {
  JobJudge judge({});
  CHECK_FALSE(judge.judge(sight(State::lost), kStart));
  CHECK(judge.look_again() > kStart);
  CHECK(judge.look_again() <= kStart + Milliseconds(200));
  CHECK_FALSE(judge.judge(sight(State::lost), kStart + Milliseconds(1)));
  const auto lost = judge.judge(sight(State::lost), judge.look_again());
  REQUIRE(lost);
  CHECK_FALSE(lost->met);
  CHECK(lost->final);
  CHECK(lost->reason == Reason::lost);
  CHECK(lost->exit_code == 120);
  CHECK(lost->words == "its supervisor died: last known as stopping, attempt 2, pid 77");
}

TEST_CASE("a job without a record, which may be starting, is doubted for longer") {
  JobJudge judge({});
  CHECK_FALSE(judge.judge(sight(State::lost, ""), kStart));
  CHECK_FALSE(judge.judge(sight(State::lost, ""), kStart + Milliseconds(400)));
  CHECK(judge.look_again() <= kStart + Milliseconds(1'000));
  CHECK(judge.judge(sight(State::lost, ""), judge.look_again())->reason == Reason::lost);
}

TEST_CASE("a lock that was free for a moment is forgotten") {
  JobJudge judge({});
  CHECK_FALSE(judge.judge(sight(State::lost, ""), kStart));
  CHECK(judge.judge(sight(State::starting, ""), kStart + Milliseconds(10)));
  CHECK(judge.look_again() == SteadyTime::max());
  CHECK_FALSE(judge.judge(sight(State::lost), kStart + Milliseconds(1'000)));  // doubted anew
}

TEST_CASE("until it runs: met while it runs, and final when it is over before that") {
  JobJudge judge({.running = true, .only_new = false, .codes = {}});
  CHECK_FALSE(judge.judge(nothing(), kStart)->met);
  CHECK_FALSE(judge.judge(sight(State::starting), kStart)->met);
  const auto runs = judge.judge(sight(State::running), kStart);
  CHECK(runs->met);
  CHECK_FALSE(runs->final);
  CHECK(runs->reason == Reason::none);
  CHECK_FALSE(judge.judge(sight(State::stopping), kStart)->met);
  CHECK(judge.judge(sight(State::running, "g2"), kStart)->met);
  const auto over = judge.judge(sight(State::exited, "g2", 0), kStart);
  CHECK_FALSE(over->met);
  CHECK(over->final);
  CHECK(over->exit_code == 0);
  CHECK(over->reason == Reason::over);
}

TEST_CASE("only a new job: what the first look finds is passed over in every state") {
  for (const State state : {State::starting, State::running, State::exited, State::lost}) {
    JobJudge judge({.running = false, .only_new = true, .codes = {}});
    CAPTURE(toolkit::job::state_name(state));
    const auto old = judge.judge(sight(state, "g1", 1), kStart);
    REQUIRE(old);
    CHECK_FALSE(old->final);
    CHECK(old->words == "an older job is there (" + std::string(toolkit::job::state_name(state)) +
                            "); no new one yet");
    CHECK_FALSE(judge.judge(sight(State::exited, "g1", 1), kStart)->final);
    CHECK(judge.judge(sight(State::exited, "g2", 4), kStart)->exit_code == 4);
  }
  JobJudge none({.running = false, .only_new = true, .codes = {}});
  CHECK_FALSE(none.judge(nothing(), kStart)->final);
  CHECK(none.judge(sight(State::exited, "g1", 6), kStart)->exit_code == 6);
}

TEST_CASE("a job whose name another one has taken is over, with a code that nobody knows") {
  JobJudge judge({});
  CHECK_FALSE(judge.judge(sight(State::running), kStart)->final);
  const auto over = judge.judge(sight(State::running, "g2"), kStart);
  REQUIRE(over);
  CHECK(over->met);
  CHECK(over->exit_code == 3);
  CHECK(over->words == "ended, code unknown: another job has its name now");
}

TEST_CASE("a job that takes another's name and has no record yet is looked at twice") {
  JobJudge judge({});
  CHECK_FALSE(judge.judge(sight(State::running), kStart)->final);
  CHECK_FALSE(judge.judge(sight(State::starting, ""), kStart));
  CHECK(judge.judge(sight(State::starting, ""), judge.look_again())->exit_code == 3);
}
