#include "src/sync/seen.hpp"

#include "src/sync/name_set.hpp"

#include <doctest/doctest.h>

using namespace toolkit;
using namespace toolkit::sync;

namespace {

store::Entry entry_of(std::uint64_t number) {
  store::Entry entry;
  entry.size = number * 7;
  entry.mtime = 1'000'000'000;
  entry.identity = {1, number};
  return entry;
}

}  // namespace

TEST_CASE("each of many files is as it was seen, until anything about it is another") {
  Seen seen;
  CHECK(seen.empty());
  constexpr std::uint64_t kFiles = 20'000;
  for (std::uint64_t i = 0; i < kFiles; ++i) {
    seen.note("d/" + std::to_string(i), entry_of(i));
  }
  for (std::uint64_t i = 0; i < kFiles; ++i) {
    const std::string key = "d/" + std::to_string(i);
    store::Entry changed = entry_of(i);
    REQUIRE(seen.unchanged(key, changed));
    switch (i % 5) {
      case 0:
        ++changed.size;
        break;
      case 1:
        ++changed.mtime;
        break;
      case 2:
        ++changed.identity.device;
        break;
      case 3:
        ++changed.identity.inode;
        break;
      default:
        changed.tag = "etag";
    }
    REQUIRE_FALSE(seen.unchanged(key, changed));
    seen.note(key, changed);
    REQUIRE(seen.unchanged(key, changed));
    REQUIRE_FALSE(seen.unchanged(key, entry_of(i)));
  }
  CHECK_FALSE(seen.unchanged("d/x", entry_of(1)));
  seen.forget_all();
  CHECK(seen.empty());
  CHECK_FALSE(seen.unchanged("d/1", entry_of(1)));
}

TEST_CASE("a name is new to a set once, among however many") {
  NameSet names;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 20'000; ++i) {
      REQUIRE(names.insert("d/" + std::to_string(i)) == (round == 0));
    }
  }
}
