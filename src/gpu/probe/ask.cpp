#include "../collectors.hpp"

namespace toolkit::gpu {

void ask_probes(const CollectOptions&, Facts&) {}

}  // namespace toolkit::gpu
