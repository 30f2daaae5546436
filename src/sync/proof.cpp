#include "proof.hpp"

#include "fingerprint.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace toolkit::sync {

Result<std::size_t> read_fully(store::Content& content, std::uint64_t offset,
                               std::span<char> into) {
  std::size_t have = 0;
  while (have < into.size()) {
    TRY_ASSIGN(const std::size_t count, content.read(offset + have, into.subspan(have)));
    if (count == 0) {
      break;
    }
    have += count;
  }
  return have;
}

Result<bool> same_bytes(store::Content& source, store::Content& destination, std::uint64_t offset,
                        std::uint64_t length) {
  constexpr std::uint64_t kPiece = 1 << 20;
  std::vector<char> ours(std::min(length, kPiece));
  std::vector<char> theirs(ours.size());
  const std::uint64_t end = offset + length;
  while (offset < end) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(end - offset, ours.size()));
    TRY_ASSIGN(const std::size_t have, read_fully(source, offset, std::span(ours).first(size)));
    TRY_ASSIGN(const std::size_t there,
               read_fully(destination, offset, std::span(theirs).first(size)));
    if (have != size || there != size || std::memcmp(ours.data(), theirs.data(), size) != 0) {
      return false;
    }
    offset += size;
  }
  return true;
}

Result<bool> continues(store::Content& source, store::Content& destination, std::uint64_t length) {
  if (length <= kHeadLength + kMarkerLength) {
    return same_bytes(source, destination, 0, length);
  }
  TRY_ASSIGN(const bool same_end,
             same_bytes(source, destination, length - kMarkerLength, kMarkerLength));
  if (!same_end) {
    return false;
  }
  return same_bytes(source, destination, 0, kHeadLength);
}

}  // namespace toolkit::sync
