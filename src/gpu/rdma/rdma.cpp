#include "../collectors.hpp"

namespace toolkit::gpu {

RdmaFacts read_rdma(const CollectOptions&) { return {}; }

}  // namespace toolkit::gpu
