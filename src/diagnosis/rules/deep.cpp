#include "rules.hpp"

namespace toolkit::diagnosis {

std::span<const Rule> deep_rules() { return {}; }

}  // namespace toolkit::diagnosis
