#include "rules.hpp"

namespace toolkit::diagnosis {

std::span<const Rule> host_rules() { return {}; }

}  // namespace toolkit::diagnosis
