#include "fingerprint.hpp"

#include "proof.hpp"
#include "wide_hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <vector>

namespace toolkit::sync {
namespace {

constexpr std::uint64_t kPiece = 256 << 10;

Hash from_library(XXH128_hash_t hash) { return {hash.high64, hash.low64}; }

struct FreeState {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

}  // namespace

Hash hash_of(std::string_view bytes) {
  static const bool wide = has_wide_hash();
  if (wide) {
    const WideHash hash = wide_hash(bytes.data(), bytes.size());
    return {hash.high, hash.low};
  }
  return from_library(XXH3_128bits(bytes.data(), bytes.size()));
}

namespace {

// In one piece, without a state or memory of its own: what is done for each of many files.
Result<std::optional<Hash>> hash_short_range(store::Content& content, std::uint64_t offset,
                                             std::size_t length) {
  std::array<char, kMarkerLength> buffer;
  TRY_ASSIGN(const std::size_t have, read_fully(content, offset, std::span(buffer).first(length)));
  return have == length ? std::optional(hash_of({buffer.data(), length})) : std::nullopt;
}

}  // namespace

Result<std::optional<Hash>> hash_range(store::Content& content, std::uint64_t offset,
                                       std::uint64_t length) {
  if (length <= kMarkerLength) {
    const auto size = static_cast<std::size_t>(length);
    const std::string_view there = content.in_memory(offset, size);
    return there.empty() ? hash_short_range(content, offset, size) : hash_of(there);
  }
  const std::unique_ptr<XXH3_state_t, FreeState> state(XXH3_createState());
  if (!state || XXH3_128bits_reset(state.get()) != XXH_OK) {
    return fail(ErrorKind::internal, "no memory for a hash");
  }
  std::vector<char> buffer(static_cast<std::size_t>(std::min(length, kPiece)));
  const std::uint64_t end = offset + length;
  while (offset < end) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(end - offset, kPiece));
    TRY_ASSIGN(const std::size_t count, content.read(offset, std::span(buffer).first(wanted)));
    if (count == 0) {
      return std::nullopt;
    }
    XXH3_128bits_update(state.get(), buffer.data(), count);
    offset += count;
  }
  return from_library(XXH3_128bits_digest(state.get()));
}

namespace {

Result<std::optional<Window>> window(store::Content& content, std::uint64_t offset,
                                     std::uint32_t length) {
  TRY_ASSIGN(const auto hash, hash_range(content, offset, length));
  return hash ? std::optional(Window{length, *hash}) : std::nullopt;
}

}  // namespace

Result<std::optional<Window>> head_of(store::Content& content, std::uint64_t size) {
  return window(content, 0, static_cast<std::uint32_t>(std::min<std::uint64_t>(size, kHeadLength)));
}

Result<std::optional<Window>> marker_before(store::Content& content, std::uint64_t offset) {
  const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>(offset, kMarkerLength));
  return window(content, offset - length, length);
}

Result<bool> has_head(store::Content& content, const Window& head) {
  TRY_ASSIGN(const auto hash, hash_range(content, 0, head.length));
  return hash == head.hash;
}

Result<bool> has_marker(store::Content& content, std::uint64_t offset, const Window& marker) {
  if (marker.length > offset) {
    return false;
  }
  TRY_ASSIGN(const auto hash, hash_range(content, offset - marker.length, marker.length));
  return hash == marker.hash;
}

}  // namespace toolkit::sync
