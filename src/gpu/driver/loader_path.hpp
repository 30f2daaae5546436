#pragma once
// Where the image's dynamic loader looks for a library, in its order: ld.so(8), and musl's own
// ways.

#include "loader_cache.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

struct LoaderPath {
  std::string loader;              // "glibc", "musl", "none"
  std::vector<std::string> first;  // LD_LIBRARY_PATH
  LoaderCache cache;               // then
  std::vector<std::string> last;   // then
  std::string cache_bytes;         // that the cache's entries point into
};

[[nodiscard]] LoaderPath read_loader_path(const std::string& root, std::string_view library_path);

}  // namespace toolkit::gpu
