#include <doctest/doctest.h>
#include <src/store/s3_parts.hpp>

#include <random>

using namespace toolkit::store;

namespace {

constexpr std::uint64_t kMebi = 1ull << 20, kGibi = 1ull << 30;

// What S3 asks of any plan, whatever it is for.
bool is_good_plan(const std::vector<PlannedPart>& parts, std::uint64_t size) {
  std::uint64_t end = 0;
  bool good = parts.size() <= kMostParts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const PlannedPart& part = parts[i];
    good = good && part.number == i + 1 && part.offset == end &&  // no gap, no overlap
           part.size > 0 && part.size <= kLargestPart &&
           (i + 1 == parts.size() || part.size >= kSmallestPart);
    end += part.size;
  }
  return good && end == size;
}

void check_append(std::uint64_t there, std::uint64_t size) {
  CAPTURE(there);
  CAPTURE(size);
  const auto parts = plan_append(there, size);
  REQUIRE(parts);
  REQUIRE(is_good_plan(*parts, size));
  bool apart = true;  // no part is of both
  for (const PlannedPart& part : *parts) {
    apart = apart && part.copied == (part.offset < there) &&
            (!part.copied || part.offset + part.size <= there);
  }
  REQUIRE(apart);
}

}  // namespace

TEST_CASE("an upload's parts cover it exactly and keep the limits, whatever its size") {
  std::mt19937_64 random(20261123);
  for (int i = 0; i < 5'000; ++i) {
    const std::uint64_t size = 1 + (random() % (48'000 * kGibi) >> (random() % 46));
    CAPTURE(size);
    const auto parts = plan_upload(size, part_size_for(size));
    REQUIRE(parts);
    REQUIRE(is_good_plan(*parts, size));
  }
}

TEST_CASE("an append's parts cover old and new exactly and keep the limits, whatever the sizes") {
  std::mt19937_64 random(20261124);
  for (int i = 0; i < 5'000; ++i) {
    const std::uint64_t there = kSmallestPart + (random() % (20'000 * kGibi) >> (random() % 45));
    check_append(there, there + (random() % (20'000 * kGibi) >> (random() % 45)));
  }
}

TEST_CASE("sizes at the edges of parts") {
  for (const std::uint64_t edge :
       {kSmallestPart, 8 * kMebi, 513 * kMebi, kGibi, 5 * kGibi, 10 * kGibi}) {
    for (const std::uint64_t there : {edge - 1, edge, edge + 1}) {
      if (there < kSmallestPart) {
        CHECK_FALSE(plan_append(there, there + 1));
        continue;
      }
      for (const std::uint64_t tail :
           {std::uint64_t{0}, std::uint64_t{1}, kSmallestPart, 8 * kMebi + 1, 5 * kGibi + 1}) {
        check_append(there, there + tail);
      }
    }
  }
}

TEST_CASE("what fits into no plan is an error, never a short one") {
  CHECK(plan_upload(0, 8 * kMebi)->empty());
  CHECK_FALSE(plan_upload(1, kSmallestPart - 1));
  CHECK_FALSE(plan_upload(1, kLargestPart + 1));
  CHECK(plan_upload(10'000 * kSmallestPart, kSmallestPart));
  CHECK_FALSE(plan_upload(10'000 * kSmallestPart + 1, kSmallestPart));
  CHECK_FALSE(plan_upload(UINT64_MAX, part_size_for(UINT64_MAX)));
  CHECK_FALSE(plan_append(UINT64_MAX - 1, UINT64_MAX));
  CHECK_FALSE(plan_append(kSmallestPart, UINT64_MAX));
  CHECK_FALSE(plan_append(2 * kSmallestPart, kSmallestPart));
}
