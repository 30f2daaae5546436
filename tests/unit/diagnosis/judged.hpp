#pragma once
// One rule's findings about facts, as short text: "fail/lost runtime".

#include <toolkit/diagnosis/diagnose.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::support {

inline std::vector<diagnosis::Finding> judge(const gpu::Facts& facts, std::string_view id,
                                             const diagnosis::Expectations& expect = {}) {
  const auto rules = diagnosis::all_rules();
  const auto rule = std::ranges::find(rules, id, &diagnosis::Rule::id);
  return rule == rules.end() ? std::vector<diagnosis::Finding>() : rule->judge({facts, expect});
}

inline std::string in_short(const diagnosis::Finding& finding) {
  std::string text(diagnosis::status_name(finding.status));
  text += finding.variant.empty() ? "" : "/" + finding.variant;
  const auto owner = diagnosis::owner_name(finding.owner);
  text += owner.empty() ? "" : " " + std::string(owner);
  return text + (finding.scope.empty() ? "" : " " + finding.scope);
}

/// All findings of the rule, joined by ", "; "" when it does not apply.
inline std::string judged(const gpu::Facts& facts, std::string_view id,
                          const diagnosis::Expectations& expect = {}) {
  std::string text;
  for (const auto& finding : judge(facts, id, expect)) {
    text += (text.empty() ? "" : ", ") + in_short(finding);
  }
  return text;
}

}  // namespace toolkit::support
