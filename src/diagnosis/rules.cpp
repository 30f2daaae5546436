// The chain of judgement: what lies further down cannot be blamed while something above is broken.
#include "rules/rules.hpp"

#include <array>

namespace toolkit::diagnosis {

std::span<const Rule> all_rules() {
  static const std::vector<Rule> rules = [] {
    std::vector<Rule> list;
    for (const auto part :
         std::array{probe_rules(), place_rules(), device_rules(), library_rules(), nvml_rules(),
                    visible_rules(), health_rules(), link_rules(), cuda_rules(), count_rules(),
                    image_rules(), host_rules(), rdma_rules(), amd_rules(), deep_rules(),
                    deep_counter_rules()}) {
      list.insert(list.end(), part.begin(), part.end());
    }
    return list;
  }();
  return rules;
}

}  // namespace toolkit::diagnosis
