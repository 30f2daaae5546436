#include "rules.hpp"

namespace toolkit::diagnosis {

std::span<const Rule> rdma_rules() { return {}; }

}  // namespace toolkit::diagnosis
