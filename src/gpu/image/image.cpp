#include "../collectors.hpp"

namespace toolkit::gpu {

ImageFacts read_image(const CollectOptions&) { return {}; }

}  // namespace toolkit::gpu
