#include "rules.hpp"

namespace toolkit::diagnosis {

std::span<const Rule> device_rules() { return {}; }

}  // namespace toolkit::diagnosis
