#include "../collectors.hpp"

namespace toolkit::gpu {

PlaceFacts read_place(const CollectOptions&) { return {}; }

}  // namespace toolkit::gpu
