#include "src/sync/snapshot.hpp"

#include <doctest/doctest.h>
#include <tests/support/memory_store.hpp>

#include <initializer_list>

using namespace toolkit;
using namespace toolkit::sync;

namespace {

struct Log {
  explicit Log(const std::string& bytes) {
    store.add_file("x.log", bytes);
    snapshot = *Snapshot::take(*store.open("x.log", false));
    REQUIRE(snapshot != nullptr);
  }
  bool is_itself_as(const std::string& bytes) {
    store.add_file("x.log", bytes, 2);
    return *snapshot->is_still_itself();
  }
  support::MemoryStore store;
  std::unique_ptr<Snapshot> snapshot;
};

}  // namespace

TEST_CASE(
    "a file is still what was read while it grows, and not when it begins otherwise or ends "
    "before") {
  for (const std::size_t size : {1UL, 4'096UL, 16'384UL, 16'385UL, 60'000UL}) {
    CAPTURE(size);
    Log log(std::string(size, 'a'));
    CHECK(log.is_itself_as(std::string(size, 'a')));
    CHECK(log.is_itself_as(std::string(size, 'a') + "more\n"));
    CHECK_FALSE(log.is_itself_as(std::string(size - 1, 'a')));
    CHECK_FALSE(log.is_itself_as(""));
    CHECK_FALSE(log.is_itself_as("b" + std::string(size + 100, 'a')));
  }
}

TEST_CASE("of a short file every byte is compared") {
  Log log(std::string(16'384, 'a'));
  CHECK_FALSE(log.is_itself_as(std::string(16'383, 'a') + "b"));
}

TEST_CASE("what was read lies in memory, as far as it was read") {
  const Log log("0123456789");
  CHECK(log.snapshot->in_memory(0, 10) == "0123456789");
  CHECK(log.snapshot->in_memory(3, 4) == "3456");
  CHECK(log.snapshot->in_memory(9, 1) == "9");
  CHECK(log.snapshot->in_memory(9, 2).empty());
  CHECK(log.snapshot->in_memory(11, 1).empty());
}
