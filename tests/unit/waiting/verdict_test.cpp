#include "src/waiting/verdict.hpp"

#include "fake_probe.hpp"

#include <doctest/doctest.h>

#include <numeric>

using toolkit::waiting::Ending;
using toolkit::waiting::LeafReport;
using toolkit::waiting::verdict_of_met;
using toolkit::waiting::verdict_of_unmet;
using namespace toolkit::waiting::test;

namespace {

LeafReport of(Finding finding, bool negated = false) {
  return {"fake:", std::move(finding), 1, true, negated, 0};
}

Finding unmet(Reason reason, std::optional<int> exit_code = {}, bool final = true) {
  return {false, final, reason, "", exit_code};
}

struct Case {
  const char* name;
  std::vector<LeafReport> leaves;
  Ending ending;
  int exit_code;
};

}  // namespace

TEST_CASE("the exit code of a tree that is met") {
  const std::vector<Case> cases{
      {"ready", {of(met())}, Ending::met, 0},
      {"a job that ended well", {of(over(0))}, Ending::over, 0},
      {"a job that ended with 3", {of(met()), of(over(3))}, Ending::over, 3},
      {"the first code that is not 0",
       {of(over(0)), of(over(139)), of(over(1))},
       Ending::over,
       139},
      {"a process whose code is unknowable", {of(over(3))}, Ending::over, 3},
      {"a job that is not what mattered",
       {of(unmet(Reason::lost, 120)), of(met())},
       Ending::met,
       0},
      {"a job under a not", {of(over(7), true), of(met())}, Ending::met, 0},
  };
  for (const Case& each : cases) {
    CAPTURE(each.name);
    const auto verdict = verdict_of_met(each.leaves);
    CHECK(verdict.ending == each.ending);
    CHECK(verdict.exit_code == each.exit_code);
  }
}

TEST_CASE("the exit code of a tree that can never be met") {
  const std::vector<Case> cases{
      {"refused for good", {of(unmet(Reason::auth))}, Ending::impossible, 122},
      {"lost", {of(unmet(Reason::auth)), of(unmet(Reason::lost, 120))}, Ending::lost, 120},
      {"lost before a code",
       {of(unmet(Reason::over, 4)), of(unmet(Reason::lost, 120))},
       Ending::lost,
       120},
      {"a job that ended otherwise",
       {of(unmet(Reason::unknown, 3)), of(unmet(Reason::over, 4))},
       Ending::over,
       4},
      {"cannot be seen",
       {of(unmet(Reason::auth)), of(unmet(Reason::unknown, 3))},
       Ending::unknown,
       3},
      {"not seen yet",
       {of(unmet(Reason::unknown, {}, false)), of(unmet(Reason::auth))},
       Ending::impossible,
       122},
      {"a job that ended with 0 and should not have",
       {of(unmet(Reason::over, 0))},
       Ending::impossible,
       122},
      {"a job that is over and was not to be", {of(over(0), true)}, Ending::impossible, 122},
      {"the same with a code", {of(over(5), true)}, Ending::impossible, 122},
  };
  for (const Case& each : cases) {
    CAPTURE(each.name);
    std::vector<std::size_t> missing(each.leaves.size());
    std::iota(missing.begin(), missing.end(), std::size_t{0});
    const auto verdict = verdict_of_unmet(each.leaves, missing);
    CHECK(verdict.ending == each.ending);
    CHECK(verdict.exit_code == each.exit_code);
  }
}

TEST_CASE("a leaf that did not stand in the way has no say") {
  const std::vector<LeafReport> leaves{of(unmet(Reason::lost, 120)), of(unmet(Reason::tls))};
  const std::vector<std::size_t> missing{1};
  CHECK(verdict_of_unmet(leaves, missing).exit_code == 122);
}
