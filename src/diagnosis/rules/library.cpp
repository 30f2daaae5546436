#include "rules.hpp"

namespace toolkit::diagnosis {

std::span<const Rule> library_rules() { return {}; }

}  // namespace toolkit::diagnosis
