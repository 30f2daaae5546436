#include "../../../src/sync/proof.hpp"

#include <doctest/doctest.h>
#include <tests/support/memory_store.hpp>

#include <random>

using namespace toolkit;

namespace {

// Whether `there` is taken for a beginning of `ours`, by windows or by every byte.
bool is_proven(const std::string& ours, const std::string& there, bool whole = false) {
  support::MemoryStore store;
  store.add_file("ours", ours);
  store.add_file("there", there);
  const auto source = store.open("ours", false);
  const auto destination = store.open("there", false);
  const auto answer = whole ? sync::same_bytes(**source, **destination, 0, there.size())
                            : sync::continues(**source, **destination, there.size());
  REQUIRE(answer);
  return *answer;
}

std::string random_text(std::size_t size) {
  std::minstd_rand random(7);
  std::string text(size, '\0');
  for (char& byte : text) {
    byte = static_cast<char>(random());
  }
  return text;
}

}  // namespace

TEST_CASE("a prefix is proven whatever its length, from the first byte on") {
  const std::string text = random_text(200'000);
  for (const std::size_t size : {0UL, 1UL, 4095UL, 4096UL, 4097UL, 69'632UL, 69'633UL, 200'000UL}) {
    CAPTURE(size);
    CHECK(is_proven(text, text.substr(0, size)));
    CHECK(is_proven(text, text.substr(0, size), true));
  }
}

TEST_CASE("one other byte up to 68 KiB, at the head or before the end is seen") {
  const std::string text = random_text(200'000);
  for (const std::size_t size : {1UL, 5'000UL, 69'632UL}) {
    for (const std::size_t at : {0UL, size / 2, size - 1}) {
      CAPTURE(size);
      CAPTURE(at);
      std::string other = text.substr(0, size);
      other[at] = static_cast<char>(other[at] ^ 1);
      CHECK_FALSE(is_proven(text, other));
    }
  }
  for (const std::size_t at : {0UL, 4'095UL, 150'000UL - 65'536, 149'999UL}) {
    std::string other = text.substr(0, 150'000);
    other[at] = static_cast<char>(other[at] ^ 1);
    CHECK_FALSE(is_proven(text, other));
  }
}

TEST_CASE("a change in the middle of a long file is seen by comparing all of it only") {
  const std::string text = random_text(200'000);
  std::string other = text;
  other[50'000] = static_cast<char>(other[50'000] ^ 1);
  CHECK(is_proven(text, other));
  CHECK_FALSE(is_proven(text, other, true));
}

TEST_CASE("a source that became shorter meanwhile proves nothing") {
  CHECK_FALSE(is_proven("abc", "abcd"));
}
