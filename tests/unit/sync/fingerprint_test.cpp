#include "src/sync/fingerprint.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace toolkit;
using namespace toolkit::sync;

namespace {

// Gives few bytes at a time, as pipes and networks do.
class Text : public store::Content {
 public:
  explicit Text(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    if (broken) {
      return fail(ErrorKind::failed, "cannot read x: input/output error");
    }
    const std::size_t from = std::min<std::size_t>(offset, bytes_.size());
    return bytes_.copy(into.data(), std::min<std::size_t>(into.size(), 1000), from);
  }
  const store::Entry& entry() const override { return entry_; }
  Result<store::Entry> stat() override { return entry_; }
  bool broken = false;

 private:
  std::string bytes_;
  store::Entry entry_;
};

std::string lines(std::size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) {
    text += "line " + std::to_string(i) + "\n";
  }
  text.resize(size);
  return text;
}

}  // namespace

TEST_CASE("the hash is XXH3-128 of the bytes, whatever the pieces they come in") {
  // The value of no bytes, as in the specification's sanity vectors.
  CHECK(hash_of("") == Hash{0x99aa06d3014798d8, 0x6001c324468d497f});
  for (const std::size_t size : {0U, 1U, 999U, 1000U, 1001U, 300'000U}) {
    CAPTURE(size);
    const std::string bytes = lines(size);
    Text content(bytes);
    CHECK(**hash_range(content, 0, size) == hash_of(bytes));
    CHECK(**hash_range(content, size / 3, size / 2) == hash_of(bytes.substr(size / 3, size / 2)));
  }
}

TEST_CASE("a range that reaches beyond the end has no hash, and a read error is one") {
  Text content("12345");
  CHECK_FALSE(*hash_range(content, 0, 6));
  CHECK_FALSE(*hash_range(content, 6, 1));
  content.broken = true;
  CHECK_FALSE(hash_range(content, 0, 5));
  CHECK_FALSE(has_head(content, {5, {}}));
}

TEST_CASE("a head works from the first byte on, and goes on fitting while the file grows") {
  const std::string bytes = lines(10'000);
  for (const std::size_t size : {1U, 5U, 4095U, 4096U, 4097U, 10'000U}) {
    CAPTURE(size);
    Text then(bytes.substr(0, size));
    const auto head = *head_of(then, size);
    REQUIRE(head);
    CHECK(head->length == std::min<std::size_t>(size, kHeadLength));
    Text now(bytes);
    CHECK(*has_head(now, *head));
    Text other("#" + bytes.substr(1));
    CHECK_FALSE(*has_head(other, *head));
    Text shorter(bytes.substr(0, head->length - 1));
    CHECK_FALSE(*has_head(shorter, *head));
  }
}

TEST_CASE("a marker is what lies before an offset") {
  const std::string bytes = lines(200'000);
  for (const std::size_t offset : {1U, 65'535U, 65'536U, 65'537U, 150'000U}) {
    CAPTURE(offset);
    Text then(bytes.substr(0, offset));
    const auto marker = *marker_before(then, offset);
    REQUIRE(marker);
    CHECK(marker->length == std::min<std::size_t>(offset, kMarkerLength));
    Text now(bytes);
    CHECK(*has_marker(now, offset, *marker));
    CHECK_FALSE(*has_marker(now, offset - 1, *marker));
    std::string changed = bytes;
    changed[offset - 1] = '#';
    Text other(changed);
    CHECK_FALSE(*has_marker(other, offset, *marker));
  }
}
