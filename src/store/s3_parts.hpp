#pragma once
// Which parts a multipart upload has. Pure. S3's limits: every part but the last has at least 5
// MiB, none has more than 5 GiB, and there are at most 10,000
// (docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html). Servers differ in where they refuse
// a short part in the middle, and some joined what they should have refused (s3fs-fuse#1809).

#include <toolkit/base/result.hpp>

#include <cstdint>
#include <vector>

namespace toolkit::store {

inline constexpr std::uint64_t kSmallestPart = 5ull << 20;
inline constexpr std::uint64_t kLargestPart = 5ull << 30;
inline constexpr std::uint32_t kMostParts = 10'000;
/// From here on an object is sent in parts.
inline constexpr std::uint64_t kMultipartFrom = 16ull << 20;

struct PlannedPart {
  std::uint32_t number = 1;
  std::uint64_t offset = 0, size = 0;
  bool copied = false;  // by the server, out of the object that is there
  bool operator==(const PlannedPart&) const = default;
};

/// For a new upload of so many bytes: 8 MiB, and more where 10,000 parts would not be enough.
[[nodiscard]] std::uint64_t part_size_for(std::uint64_t size);

/// [0, size) in parts of `part_size`, the last one shorter. Errors: failed, where no plan keeps the
/// limits (an object has at most 10,000 × 5 GiB).
[[nodiscard]] Result<std::vector<PlannedPart>> plan_upload(std::uint64_t size,
                                                           std::uint64_t part_size);

/// [0, there) copied, in parts that are nearly equal, then [there, size) sent. `there` is at least
/// kSmallestPart, and `size` at least `there`; with both the same it is a copy. Errors: failed.
[[nodiscard]] Result<std::vector<PlannedPart>> plan_append(std::uint64_t there, std::uint64_t size);

}  // namespace toolkit::store
