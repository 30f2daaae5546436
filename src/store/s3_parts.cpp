#include "s3_parts.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::store {
namespace {

constexpr std::uint64_t kUsualPart = 8ull << 20;
constexpr std::uint64_t kCopiedPart = 1ull << 30;  // several of them are copied at once
constexpr std::uint64_t kMebibyte = 1ull << 20;

std::uint64_t divide_up(std::uint64_t size, std::uint64_t by) {
  return size / by + (size % by == 0 ? 0 : 1);
}

Failure no_plan(std::uint64_t size) {
  return fail(ErrorKind::failed,
              fmt::format("{} bytes do not fit into {} parts of at most {} bytes", size, kMostParts,
                          kLargestPart));
}

// The parts of [offset, offset + size), numbered on from those that are there.
void add_parts(std::vector<PlannedPart>& parts, std::uint64_t offset, std::uint64_t size,
               std::uint64_t part_size, bool copied) {
  for (std::uint64_t done = 0; done < size; done += part_size) {
    parts.push_back({static_cast<std::uint32_t>(parts.size() + 1), offset + done,
                     std::min(part_size, size - done), copied});
  }
}

// The smallest part size, in whole MiB, with which `size` takes at most `count` parts.
std::uint64_t size_for_count(std::uint64_t size, std::uint64_t count) {
  return divide_up(divide_up(size, count), kMebibyte) * kMebibyte;
}

}  // namespace

std::uint64_t part_size_for(std::uint64_t size) {
  return std::max(kUsualPart, size_for_count(size, kMostParts));
}

Result<std::vector<PlannedPart>> plan_upload(std::uint64_t size, std::uint64_t part_size) {
  if (part_size < kSmallestPart || part_size > kLargestPart ||
      divide_up(size, part_size) > kMostParts) {
    return no_plan(size);
  }
  std::vector<PlannedPart> parts;
  add_parts(parts, 0, size, part_size, false);
  return parts;
}

Result<std::vector<PlannedPart>> plan_append(std::uint64_t there, std::uint64_t size) {
  if (there < kSmallestPart || size < there) {
    return fail(ErrorKind::internal, "a part that is too short to be copied");
  }
  std::vector<PlannedPart> parts;
  // Equal pieces, so that none in the middle is short: of a copy of 5 GiB and one byte, too.
  std::uint64_t copies = divide_up(there, kCopiedPart);
  copies = std::min<std::uint64_t>(copies, kMostParts / 2);
  const std::uint64_t copy_size = divide_up(there, copies);
  if (copy_size > kLargestPart) {
    return no_plan(size);
  }
  add_parts(parts, 0, there, copy_size, true);
  const std::uint64_t tail = size - there;
  const std::uint64_t tail_size =
      std::max(kUsualPart, size_for_count(tail, kMostParts - parts.size()));
  if (tail_size > kLargestPart) {
    return no_plan(size);
  }
  add_parts(parts, there, tail, tail_size, false);
  return parts;
}

}  // namespace toolkit::store
