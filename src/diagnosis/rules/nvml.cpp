#include "rules.hpp"

namespace toolkit::diagnosis {

std::span<const Rule> nvml_rules() { return {}; }

}  // namespace toolkit::diagnosis
