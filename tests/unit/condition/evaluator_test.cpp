#include <toolkit/condition/evaluator.hpp>

#include <doctest/doctest.h>

using namespace toolkit::condition;
using toolkit::Milliseconds;
using toolkit::SteadyTime;

namespace {

constexpr Value kUnmet{false, false};
constexpr Value kMet{true, false};
constexpr Value kNever{false, true};
constexpr Value kForEver{true, true};

constexpr SteadyTime kStart{std::chrono::hours(1)};

SteadyTime after(long long milliseconds) { return kStart + Milliseconds(milliseconds); }

// An evaluator of one operand whose leaves are a:1, a:2 and so on.
Evaluator of(const std::string& operand) {
  const auto tree = parse(std::vector<std::string>{operand});
  REQUIRE_MESSAGE(tree.has_value(), tree.error().message);
  return Evaluator(*tree);
}

Value once(const std::string& operand, const std::vector<Value>& leaves) {
  return of(operand).evaluate(leaves, kStart);
}

std::vector<std::size_t> missing_of(const std::string& operand, const std::vector<Value>& leaves) {
  Evaluator evaluator = of(operand);
  (void)evaluator.evaluate(leaves, kStart);
  return evaluator.missing();
}

using Indices = std::vector<std::size_t>;

}  // namespace

TEST_CASE("all is decided by one that is unmet") {
  CHECK(once("all(a:1, a:2)", {kMet, kMet}) == kMet);
  CHECK(once("all(a:1, a:2)", {kMet, kUnmet}) == kUnmet);
  CHECK(once("all(a:1, a:2)", {kUnmet, kNever}) == kNever);
  CHECK(once("all(a:1, a:2)", {kForEver, kForEver}) == kForEver);
  CHECK(once("all(a:1, a:2)", {kForEver, kMet}) == kMet);
}

TEST_CASE("any is decided by one that is met") {
  CHECK(once("any(a:1, a:2)", {kUnmet, kUnmet}) == kUnmet);
  CHECK(once("any(a:1, a:2)", {kUnmet, kMet}) == kMet);
  CHECK(once("any(a:1, a:2)", {kUnmet, kForEver}) == kForEver);
  CHECK(once("any(a:1, a:2)", {kNever, kNever}) == kNever);
  CHECK(once("any(a:1, a:2)", {kNever, kUnmet}) == kUnmet);
}

TEST_CASE("not turns the value and keeps finality") {
  CHECK(once("not(a:1)", {kMet}) == kUnmet);
  CHECK(once("not(a:1)", {kUnmet}) == kMet);
  CHECK(once("not(a:1)", {kForEver}) == kNever);
  CHECK(once("not(a:1)", {kNever}) == kForEver);
}

TEST_CASE("for is met when its child has been met for as long") {
  Evaluator evaluator = of("for(10s, a:1)");
  const std::vector<Value> met{kMet};
  const std::vector<Value> unmet{kUnmet};
  CHECK(evaluator.evaluate(met, after(0)) == kUnmet);
  CHECK(evaluator.evaluate(met, after(9'999)) == kUnmet);
  CHECK(evaluator.evaluate(met, after(10'000)) == kMet);
  CHECK(evaluator.evaluate(unmet, after(10'001)) == kUnmet);
  CHECK(evaluator.evaluate(met, after(20'000)) == kUnmet);
  CHECK(evaluator.evaluate(met, after(30'000)) == kMet);
}

TEST_CASE("for is final at once when its child never will be met") {
  CHECK(once("for(10s, a:1)", {kNever}) == kNever);
}

TEST_CASE("for is final with a child that stays met, not before the time has passed") {
  Evaluator evaluator = of("for(10s, a:1)");
  CHECK(evaluator.evaluate(std::vector{kForEver}, after(0)) == kUnmet);
  CHECK(evaluator.evaluate(std::vector{kForEver}, after(10'000)) == kForEver);
}

TEST_CASE("for no time at all is its child") {
  CHECK(once("for(0s, a:1)", {kMet}) == kMet);
  CHECK(once("for(0s, a:1)", {kForEver}) == kForEver);
}

TEST_CASE("for goes on running beside a sibling that decides") {
  Evaluator evaluator = of("any(a:1, for(10s, a:2))");
  CHECK(evaluator.evaluate(std::vector{kMet, kMet}, after(0)) == kMet);
  CHECK(evaluator.evaluate(std::vector{kUnmet, kMet}, after(10'000)) == kMet);
}

TEST_CASE("the next change is the first end of a for that runs") {
  Evaluator evaluator = of("all(for(10s, a:1), for(4s, a:2), for(1s, a:3))");
  CHECK(evaluator.next_change() == SteadyTime::max());
  (void)evaluator.evaluate(std::vector{kMet, kUnmet, kUnmet}, after(0));
  CHECK(evaluator.next_change() == after(10'000));
  (void)evaluator.evaluate(std::vector{kMet, kMet, kUnmet}, after(3'000));
  CHECK(evaluator.next_change() == after(7'000));
  (void)evaluator.evaluate(std::vector{kMet, kMet, kUnmet}, after(7'000));
  CHECK(evaluator.next_change() == after(10'000));
  (void)evaluator.evaluate(std::vector{kMet, kMet, kUnmet}, after(10'000));
  CHECK(evaluator.next_change() == SteadyTime::max());
}

TEST_CASE("missing are the unmet ones, and nothing of what is met") {
  CHECK(missing_of("all(a:1, a:2, a:3)", {kUnmet, kMet, kUnmet}) == Indices{0, 2});
  CHECK(missing_of("any(a:1, a:2)", {kUnmet, kUnmet}) == Indices{0, 1});
  CHECK(missing_of("any(a:1, a:2)", {kUnmet, kMet}).empty());
  CHECK(missing_of("all(any(a:1, a:2), a:3)", {kMet, kUnmet, kUnmet}) == Indices{2});
}

TEST_CASE("missing under not is what stands in the way") {
  CHECK(missing_of("not(a:1)", {kMet}) == Indices{0});
  CHECK(missing_of("not(any(a:1, a:2))", {kUnmet, kMet}) == Indices{1});
  CHECK(missing_of("not(all(a:1, a:2))", {kMet, kMet}) == Indices{0, 1});
  CHECK(missing_of("not(not(a:1))", {kUnmet}) == Indices{0});
  CHECK(missing_of("not(for(0s, a:1))", {kMet}) == Indices{0});
}

TEST_CASE("missing under a for that runs is what has to stay so") {
  CHECK(missing_of("for(10s, any(a:1, a:2))", {kUnmet, kMet}) == Indices{1});
  CHECK(missing_of("for(10s, any(a:1, a:2))", {kUnmet, kUnmet}) == Indices{0, 1});
  CHECK(missing_of("for(10s, not(a:1))", {kUnmet}) == Indices{0});
}

TEST_CASE("of what can never be met, missing are the reasons only") {
  CHECK(missing_of("all(a:1, a:2)", {kUnmet, kNever}) == Indices{1});
  CHECK(missing_of("all(a:1, not(any(a:2, a:3)))", {kUnmet, kMet, kForEver}) == Indices{2});
  CHECK(missing_of("any(a:1, a:2)", {kNever, kNever}) == Indices{0, 1});
}
