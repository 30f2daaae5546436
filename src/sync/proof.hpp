#pragma once
// Whether what lies at the destination is a beginning of what we have. Bytes are compared, nothing
// is trusted: a size says nothing about content (rsync#368, vector#25079).

#include <toolkit/store/store.hpp>

namespace toolkit::sync {

/// Fills `into` as far as the content goes; fewer bytes mean that it has become shorter.
[[nodiscard]] Result<std::size_t> read_fully(store::Content& content, std::uint64_t offset,
                                             std::span<char> into);

/// The first `length` bytes of both, at their ends: 4 KiB at the beginning and 64 KiB before
/// `length`. Up to 68 KiB that is every byte; beyond, a change in the middle alone is not seen.
[[nodiscard]] Result<bool> continues(store::Content& source, store::Content& destination,
                                     std::uint64_t length);

/// Every one of the first `length` bytes.
[[nodiscard]] Result<bool> same_bytes(store::Content& source, store::Content& destination,
                                      std::uint64_t offset, std::uint64_t length);

}  // namespace toolkit::sync
