// Compiled for AVX2, so nothing is used here that is compiled elsewhere too: the linker keeps one
// of each inline function, and other processors may get to it.
#include "wide_hash.hpp"

#if defined(__AVX2__)
#define XXH_INLINE_ALL
#include <cpuid.h>
#include <xxhash.h>
#endif

namespace toolkit::sync {

#if defined(__AVX2__)
// Not __builtin_cpu_supports, see net/crc32c.cpp. The system must keep the wide registers, too.
bool has_wide_hash() {
  unsigned int eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 || (ecx & bit_OSXSAVE) == 0) {
    return false;
  }
  unsigned int kept = 0, upper = 0;
  asm volatile("xgetbv" : "=a"(kept), "=d"(upper) : "c"(0));
  return (kept & 6U) == 6 && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 &&
         (ebx & bit_AVX2) != 0;
}

WideHash wide_hash(const char* bytes, std::size_t size) {
  const XXH128_hash_t hash = XXH3_128bits(bytes, size);
  return {hash.high64, hash.low64};
}
#else
bool has_wide_hash() { return false; }
WideHash wide_hash(const char* /*bytes*/, std::size_t /*size*/) { return {}; }
#endif

}  // namespace toolkit::sync
