#include <toolkit/diagnosis/diagnose.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace toolkit::diagnosis;

namespace {

constexpr std::array<std::string_view, 1> kNode{"node"}, kNvml{"nvml"};

std::vector<Finding> lost_node(const Question&) {
  Finding finding = fail(Owner::hardware, "lost", "replace it");
  finding.scope = "gpu 3";
  return {finding, pass("fine")};
}

std::vector<Finding> two_gpus(const Question&) {
  std::vector<Finding> found{fail(Owner::node, "no answer", "x"), warn(Owner::node, "slow", "y")};
  found[0].scope = "gpu 3";
  found[1].scope = "gpu 4";
  return found;
}

std::vector<Finding> after_nvml(const Question&) {
  Finding finding = unknown("not seen");
  finding.scope = "gpu 3";
  return {finding};
}

}  // namespace

TEST_CASE("a failure blocks what needs it in its own scope, down the chain") {
  const std::array rules{Rule{"node", "", "", "", {}, lost_node},
                         Rule{"nvml", "", "", "", kNode, two_gpus},
                         Rule{"health", "", "", "", kNvml, after_nvml}};
  const toolkit::gpu::Facts facts;
  const Expectations expect;
  const Verdict verdict = diagnose(rules, {facts, expect});
  REQUIRE(verdict.findings.size() == 5);
  REQUIRE(verdict.primary() != nullptr);
  CHECK(verdict.primary()->id == "node");
  CHECK(verdict.findings[1].status == Status::pass);
  CHECK(verdict.findings[2].blocked_by == "node");
  CHECK(verdict.findings[3].status == Status::warn);  // another GPU
  CHECK(verdict.findings[4].blocked_by == "node");    // the root, not the link between
  CHECK(exit_code_of(verdict, false) == 14);
}

TEST_CASE("warnings matter to the exit code with --strict only") {
  const std::array rules{Rule{"nvml.init", "", "", "", {}, [](const Question&) {
                                return std::vector{pass("answers"), warn(Owner::node, "slow", "y")};
                              }}};
  const toolkit::gpu::Facts facts;
  const Expectations expect;
  const Verdict verdict = diagnose(rules, {facts, expect});
  CHECK(exit_code_of(verdict, false) == 0);
  CHECK(exit_code_of(verdict, true) == 1);
}

TEST_CASE("nothing is fit that no driver has answered for, unless no GPU is wanted") {
  const std::array rules{
      Rule{"dev.nodes", "", "", "", {}, [](const Question&) {
             return std::vector{pass("files are there"), warn(Owner::node, "x", "y")};
           }}};
  const toolkit::gpu::Facts facts;
  Expectations expect;
  CHECK(exit_code_of(diagnose(rules, {facts, expect}), true) == 3);
  expect.gpus = 0;
  CHECK(exit_code_of(diagnose(rules, {facts, expect}), false) == 0);
}
