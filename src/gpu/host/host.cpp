#include "../collectors.hpp"

namespace toolkit::gpu {

HostFacts read_host(const CollectOptions&, const machine::Facts&, const DriverFacts&) { return {}; }

}  // namespace toolkit::gpu
