#include "../collectors.hpp"

namespace toolkit::gpu {

AmdFacts read_amd(const CollectOptions&) { return {}; }

}  // namespace toolkit::gpu
