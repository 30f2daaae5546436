#pragma once
// Sizes as people write them, in powers of 1024: 512 64K 10M 1G 2T.

#include <toolkit/base/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace toolkit {

struct ByteSize {
  std::uint64_t bytes = 0;
  bool operator==(const ByteSize&) const = default;
};

/// Digits with an optional fraction, then K, M, G, T (also KiB, MiB, …; none or B means bytes).
/// Errors: usage, naming the text and the accepted forms; above 2^63-1 is refused.
[[nodiscard]] Result<ByteSize> parse_byte_size(std::string_view text);

/// For people: "312 B", "38.2 GiB".
[[nodiscard]] std::string describe_bytes(std::uint64_t bytes);

}  // namespace toolkit
