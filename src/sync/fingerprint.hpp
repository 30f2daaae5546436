#pragma once
// Hashes of parts of a file, by which it is known again whatever its name, and by which it is
// proven that what lies at a destination is its beginning. Not for secrets: XXH3, 128 bits
// (github.com/Cyan4973/xxHash, doc/xxhash_spec.md).

#include <toolkit/store/store.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace toolkit::sync {

struct Hash {
  std::uint64_t high = 0, low = 0;
  bool operator==(const Hash&) const = default;
};

/// So many bytes have this hash; where they are is the owner's knowledge.
struct Window {
  std::uint32_t length = 0;
  Hash hash;
  bool operator==(const Window&) const = default;
};

constexpr std::uint32_t kHeadLength = 4096;
constexpr std::uint32_t kMarkerLength = 65536;

[[nodiscard]] Hash hash_of(std::string_view bytes);

/// Of `length` bytes from `offset` on; nothing when the content ends before.
[[nodiscard]] Result<std::optional<Hash>> hash_range(store::Content& content, std::uint64_t offset,
                                                     std::uint64_t length);

/// The first bytes of a file of that size: from one byte on, at most kHeadLength.
[[nodiscard]] Result<std::optional<Window>> head_of(store::Content& content, std::uint64_t size);
/// The last bytes before an offset, at most kMarkerLength.
[[nodiscard]] Result<std::optional<Window>> marker_before(store::Content& content,
                                                          std::uint64_t offset);

/// Whether the content begins as it did when `head` was taken.
[[nodiscard]] Result<bool> has_head(store::Content& content, const Window& head);
/// Whether before that offset lies what lay there when `marker` was taken.
[[nodiscard]] Result<bool> has_marker(store::Content& content, std::uint64_t offset,
                                      const Window& marker);

}  // namespace toolkit::sync
