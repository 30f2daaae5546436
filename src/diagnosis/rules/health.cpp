#include "rules.hpp"

namespace toolkit::diagnosis {

std::span<const Rule> health_rules() { return {}; }

}  // namespace toolkit::diagnosis
