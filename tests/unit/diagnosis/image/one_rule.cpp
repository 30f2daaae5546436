#include "one_rule.hpp"

#include <algorithm>

namespace image_rules_test {

using namespace toolkit;

std::vector<diagnosis::Finding> ask(std::string_view id, const gpu::Facts& facts,
                                    const diagnosis::Expectations& expect) {
  const auto rules = diagnosis::all_rules();
  return std::ranges::find(rules, id, &diagnosis::Rule::id)->judge({facts, expect});
}

std::string verdict(std::string_view id, const gpu::Facts& facts,
                    const diagnosis::Expectations& expect) {
  const auto findings = ask(id, facts, expect);
  if (findings.empty()) {
    return "";
  }
  std::string text(diagnosis::status_name(findings[0].status));
  for (const std::string_view word :
       {std::string_view(findings[0].variant), diagnosis::owner_name(findings[0].owner)}) {
    text += word.empty() ? "" : " " + std::string(word);
  }
  return text;
}

gpu::Facts place(const std::string& driver, const std::string& capability) {
  gpu::Facts facts;
  facts.driver.ioctl_version = driver;
  auto& gpu = facts.probes.nvml.gpus.emplace_back();
  gpu.index = 0;
  gpu.uuid = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6";
  gpu.address = "0000:3b:00.0";
  gpu.name = "NVIDIA Test";
  gpu.compute_capability = capability;
  return facts;
}

}  // namespace image_rules_test
