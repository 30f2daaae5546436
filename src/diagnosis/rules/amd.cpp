#include "rules.hpp"

namespace toolkit::diagnosis {

std::span<const Rule> amd_rules() { return {}; }

}  // namespace toolkit::diagnosis
