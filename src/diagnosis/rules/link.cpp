#include "rules.hpp"

namespace toolkit::diagnosis {

std::span<const Rule> link_rules() { return {}; }

}  // namespace toolkit::diagnosis
