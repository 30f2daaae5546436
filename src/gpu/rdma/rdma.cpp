#include "../collectors.hpp"

namespace toolkit::gpu {

RdmaFacts read_rdma(const CollectOptions&, const machine::Facts&) { return {}; }

void read_rdma_again(const CollectOptions&, RdmaFacts&) {}

}  // namespace toolkit::gpu
