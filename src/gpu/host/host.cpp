#include "../collectors.hpp"

namespace toolkit::gpu {

HostFacts read_host(const CollectOptions&) { return {}; }

}  // namespace toolkit::gpu
