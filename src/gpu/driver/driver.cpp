#include "../collectors.hpp"

namespace toolkit::gpu {

DriverFacts read_driver(const CollectOptions&) { return {}; }

}  // namespace toolkit::gpu
