#include <toolkit/diagnosis/diagnose.hpp>

#include <algorithm>
#include <array>

namespace toolkit::diagnosis {
namespace {

// Only an answer of the driver itself shows that a GPU can be used: files and variables that look
// fine do not.
constexpr std::array<std::string_view, 3> kProofs{"nvml.init", "cuda.init", "amd.kfd"};

bool is_proof(const Finding& finding) {
  return finding.status == Status::pass && std::ranges::find(kProofs, finding.id) != kProofs.end();
}

// What `finding` is blocked by: the root of the chain, or "".
std::string blocker(const Rule& rule, const Finding& finding, const std::vector<Finding>& judged) {
  for (const Finding& earlier : judged) {
    const bool needed = std::ranges::find(rule.needs, earlier.id) != rule.needs.end();
    const bool same_scope = earlier.scope.empty() || earlier.scope == finding.scope;
    if (needed && same_scope && (earlier.status == Status::fail || !earlier.blocked_by.empty())) {
      return earlier.blocked_by.empty() ? earlier.id : earlier.blocked_by;
    }
  }
  return "";
}

void block(Finding& finding, std::string by) {
  finding.blocked_by = std::move(by);
  finding.status = Status::skip;
  finding.owner = Owner::none;
  finding.remedy.clear();
}

Finding* first(std::vector<Finding>& findings, Status status) {
  const auto it = std::ranges::find(findings, status, &Finding::status);
  return it == findings.end() ? nullptr : &*it;
}

}  // namespace

const Finding* Verdict::primary() const {
  const auto it = std::ranges::find(findings, true, &Finding::primary);
  return it == findings.end() ? nullptr : &*it;
}

bool Verdict::has(Status status) const {
  return std::ranges::find(findings, status, &Finding::status) != findings.end();
}

Verdict diagnose(std::span<const Rule> rules, const Question& question) {
  Verdict verdict;
  for (const Rule& rule : rules) {
    std::vector<Finding> found = rule.judge(question);
    for (Finding& finding : found) {
      finding.id = rule.id;
      if (std::string by = blocker(rule, finding, verdict.findings);
          !by.empty() && finding.status != Status::pass) {
        block(finding, std::move(by));
      }
    }
    std::ranges::move(found, std::back_inserter(verdict.findings));
  }
  verdict.proven = question.expect.gpus == 0 || std::ranges::any_of(verdict.findings, is_proof);
  Finding* chosen = first(verdict.findings, Status::fail);
  chosen = chosen != nullptr ? chosen : first(verdict.findings, Status::warn);
  if (chosen != nullptr) {
    chosen->primary = true;
  }
  return verdict;
}

int exit_code_of(const Verdict& verdict, bool strict) {
  const Finding* primary = verdict.primary();
  if (primary != nullptr && primary->status == Status::fail) {
    return exit_code_of(primary->owner);
  }
  if (!verdict.proven) {
    return 3;
  }
  return primary != nullptr && strict ? 1 : 0;
}

}  // namespace toolkit::diagnosis
