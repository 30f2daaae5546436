#include "src/sync/held.hpp"

#include <doctest/doctest.h>
#include <tests/support/memory_store.hpp>

using namespace toolkit;
using namespace toolkit::sync;
using support::MemoryStore;

namespace {

Held::File open(MemoryStore& store, const std::string& key) {
  store.add_file(key, "x");
  Task task;
  task.source = &store;
  task.open_by = task.destination = key;
  return {std::move(task), std::move(*store.open(key, false))};
}

}  // namespace

TEST_CASE("a held file is given when its name has another one, and not for itself") {
  MemoryStore store;
  Held held;
  held.keep(open(store, "x.log"));
  const auto identity = (*store.stat("x.log"))->identity;
  CHECK_FALSE(held.take_other("x.log", identity));
  CHECK_FALSE(held.take_other("y.log", {1, 99}));
  const auto taken = held.take_other("x.log", {1, 99});
  REQUIRE(taken);
  CHECK(taken->content->entry().identity == identity);
  CHECK_FALSE(held.take_other("x.log", {1, 99}));
}

TEST_CASE("a held file goes along with a rename") {
  MemoryStore store;
  Held held;
  held.keep(open(store, "x.log"));
  held.keep(open(store, "x.log.1"));
  held.renamed("x.log", "x.log.1");
  CHECK_FALSE(held.take_other("x.log", {1, 99}));
  const auto taken = held.take_other("x.log.1", {1, 99});
  REQUIRE(taken);
  CHECK(taken->task.destination == "x.log.1");
}

TEST_CASE("who was not met on a walk is given, once") {
  MemoryStore store;
  Held held;
  held.keep(open(store, "x.log"));
  held.keep(open(store, "y.log"));
  CHECK(held.take_missed().empty());  // kept in this walk
  held.begin_walk();
  held.met("x.log");
  const auto missed = held.take_missed();
  REQUIRE(missed.size() == 1);
  CHECK(missed[0].task.destination == "y.log");
  CHECK(held.take_missed().empty());
}

TEST_CASE("no more are held than is right: those that were sent latest") {
  MemoryStore store;
  Held held;
  for (std::size_t i = 0; i < Held::kMost + 10; ++i) {
    held.keep(open(store, std::to_string(i)));
  }
  held.begin_walk();
  CHECK(held.take_missed().size() == Held::kMost);
  held.keep(open(store, "0"));
  CHECK(held.take_other("0", {1, 0}));
}
