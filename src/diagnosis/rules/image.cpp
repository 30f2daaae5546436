#include "rules.hpp"

namespace toolkit::diagnosis {

std::span<const Rule> image_rules() { return {}; }

}  // namespace toolkit::diagnosis
