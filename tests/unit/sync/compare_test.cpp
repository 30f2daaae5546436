#include "../../../src/sync/compare.hpp"

#include <doctest/doctest.h>

using namespace toolkit;

namespace {

store::Entry file_of(std::uint64_t size, std::int64_t mtime) {
  store::Entry entry;
  entry.size = size;
  entry.mtime = mtime;
  return entry;
}

constexpr std::int64_t kSecond = 1'000'000'000;

}  // namespace

TEST_CASE("times are the same to the nanosecond, or to the second where one side knows no more") {
  CHECK(sync::same_time(5 * kSecond + 7, 5 * kSecond + 7));
  CHECK_FALSE(sync::same_time(5 * kSecond + 7, 5 * kSecond + 8));
  CHECK(sync::same_time(5 * kSecond, 5 * kSecond + 999'999'999));
  CHECK_FALSE(sync::same_time(5 * kSecond, 6 * kSecond));
  CHECK(sync::same_time(-1 * kSecond, -1 * kSecond + 5));
  CHECK_FALSE(sync::same_time(-1 * kSecond, 5));
}

TEST_CASE("a file looks unchanged when there is a file of its size and time") {
  const auto source = file_of(10, kSecond);
  CHECK(sync::looks_unchanged(source, file_of(10, kSecond)));
  CHECK_FALSE(sync::looks_unchanged(source, file_of(9, kSecond)));
  CHECK_FALSE(sync::looks_unchanged(source, file_of(10, 2 * kSecond)));
  auto directory = file_of(10, kSecond);
  directory.kind = store::Kind::directory;
  CHECK_FALSE(sync::looks_unchanged(source, directory));
}
