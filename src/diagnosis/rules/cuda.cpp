#include "rules.hpp"

namespace toolkit::diagnosis {

std::span<const Rule> cuda_rules() { return {}; }

}  // namespace toolkit::diagnosis
