#pragma once
// XXH3 by AVX2 instructions: the same hash for half the time. Only where the processor has them.

#include <cstddef>
#include <cstdint>

namespace toolkit::sync {

struct WideHash {
  std::uint64_t high, low;
};

[[nodiscard]] bool has_wide_hash();
[[nodiscard]] WideHash wide_hash(const char* bytes, std::size_t size);

}  // namespace toolkit::sync
