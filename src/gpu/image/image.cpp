#include "../collectors.hpp"
#include "parts.hpp"

namespace toolkit::gpu {

ImageFacts read_image(const CollectOptions& options, std::chrono::steady_clock::time_point until) {
  const Tables& tables = options.tables != nullptr ? *options.tables : built_in_tables();
  const Places places = find_places(options);
  ImageFacts image;
  image.frameworks = find_frameworks(places);
  image.runtimes = find_runtimes(options, places);
  image.libraries = find_libraries(places, image.frameworks, tables);
  image.compat = find_compat(places);
  find_code(options, places, until, image);
  image.libc = find_libc(places);
  return image;
}

}  // namespace toolkit::gpu
