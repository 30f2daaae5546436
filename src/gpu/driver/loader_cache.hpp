#pragma once
// /etc/ld.so.cache as glibc's ldconfig(8) writes it, sysdeps/generic/dl-cache.h: the format that
// begins with its own mark, and the older one with the newer behind it. Bytes from outside.

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

struct CacheEntry {
  std::string_view soname, path;
  /// The directory of glibc-hwcaps that it is from, "x86-64-v3"; "" for every processor.
  std::string_view hwcaps;
};

struct LoaderCache {
  std::vector<CacheEntry> entries;  // for this architecture, in its order
  std::string trouble;              // "" fine
};

/// The entries point into `bytes`.
[[nodiscard]] LoaderCache parse_loader_cache(std::string_view bytes);

}  // namespace toolkit::gpu
