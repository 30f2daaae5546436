#pragma once
// Checksums against errors on the way; against people there are digests (digest.hpp).

#include <cstdint>
#include <string>
#include <string_view>

namespace toolkit::net {

/// CRC-32C (Castagnoli; RFC 3720, B.4) of what was hashed before and of `bytes`; 0 to begin with.
/// By the processor's own instruction where it has one.
[[nodiscard]] std::uint32_t crc32c(std::uint32_t before, std::string_view bytes);
/// The same by table: what the other is held against.
[[nodiscard]] std::uint32_t crc32c_by_table(std::uint32_t before, std::string_view bytes);
/// As x-amz-checksum-crc32c wants it: base64 of the four bytes, most significant first.
[[nodiscard]] std::string crc32c_text(std::uint32_t checksum);

}  // namespace toolkit::net
