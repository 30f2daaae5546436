#include "../../../../src/gpu/driver/loader_cache.hpp"

#include "loader_cache_bytes.hpp"

#include <toolkit/base/file.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace toolkit::gpu;
using toolkit::support::cache_bytes;

TEST_CASE("the loader's cache is read in its order, foreign architectures left out") {
  const std::string bytes =
      cache_bytes({{"libcuda.so.1", "/a/libcuda.so.1", ""},
                   {"libz.so.1", "/lib/glibc-hwcaps/x86-64-v3/libz.so.1", "x86-64-v3"},
                   {"libcuda.so.1", "/lib32/libcuda.so.1", "foreign"},
                   {"libcuda.so.1", "/b/libcuda.so.1", ""}});
  for (const std::string& form : {bytes, toolkit::support::behind_old_format(bytes)}) {
    const LoaderCache cache = parse_loader_cache(form);
    CHECK(cache.trouble == "");
    REQUIRE(cache.entries.size() == 3);
    CHECK(cache.entries[0].path == "/a/libcuda.so.1");
    CHECK(cache.entries[1].hwcaps == "x86-64-v3");
    CHECK(cache.entries[2].path == "/b/libcuda.so.1");
    CHECK(cache.entries[2].hwcaps == "");
  }
}

TEST_CASE("a cache that is cut short, empty or of another kind says so") {
  const std::string bytes = cache_bytes({{"libcuda.so.1", "/a/libcuda.so.1", ""}});
  CHECK(parse_loader_cache(bytes.substr(0, 60)).trouble == "it is cut short");
  CHECK(parse_loader_cache("").trouble == "it is empty");
  CHECK(parse_loader_cache("hello").trouble == "it is of no format that we know");
}

TEST_CASE("this machine's own cache has its own libc") {
  const auto bytes = toolkit::read_file("/etc/ld.so.cache");
  if (!bytes) {
    return;  // a machine without ldconfig
  }
  const LoaderCache cache = parse_loader_cache(*bytes);
  CHECK(cache.trouble == "");
  CHECK(std::ranges::find(cache.entries, "libc.so.6", &CacheEntry::soname) != cache.entries.end());
}
