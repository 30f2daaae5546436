#include <doctest/doctest.h>
#include <src/selection/link_resolver.hpp>
#include <tests/support/memory_store.hpp>

using toolkit::selection::LinkResolver;
using toolkit::selection::Resolved;
using toolkit::support::MemoryStore;

namespace {

// Where it leads, or why it does not.
std::string follow(MemoryStore& store, const std::string& key, const std::string& inside = "") {
  const auto resolved = LinkResolver(store, "/data", inside).follow(key);
  REQUIRE(resolved);
  return resolved->trouble.empty() ? resolved->key : resolved->trouble;
}

}  // namespace

TEST_CASE("a link is followed one name at a time, through links on its way") {
  MemoryStore store;
  store.add_file("real/deep/file", "");
  store.add_link("to_deep", "real/deep");
  store.add_link("real/deep/up", "..");
  store.add_link("a", "to_deep/up/deep/./file");
  CHECK(follow(store, "a") == "real/deep/file");
  CHECK(follow(store, "real/deep/up") == "real");
}

TEST_CASE("'..' behind a link is above the link's target, not above the link") {
  MemoryStore store;
  store.add_file("x/file", "");
  store.add_directory("x/y");
  store.add_link("l", "x/y");
  store.add_link("a", "l/../file");
  CHECK(follow(store, "a") == "x/file");
}

TEST_CASE("the source is never left, not even to come back") {
  MemoryStore store;
  store.add_file("a/file", "");
  store.add_file("b/file", "");
  store.add_link("a/back", "../../data/a/file");
  store.add_link("a/neighbour", "../b/file");
  store.add_link("a/home", "/data/a/file");
  store.add_link("a/away", "/data/b/file");
  store.add_link("a/upward", "/data/../etc/passwd");
  store.add_link("a/through", "/data/b/../a/file");
  CHECK(follow(store, "a/back") == "a symbolic link out of the source");
  CHECK(follow(store, "a/neighbour") == "b/file");
  store.add_link("a/round", "../a/file");
  CHECK(follow(store, "a/round", "a") == "a symbolic link out of the source");
  CHECK(follow(store, "a/neighbour", "a") == "a symbolic link out of the source");
  CHECK(follow(store, "a/home", "a") == "a/file");
  CHECK(follow(store, "a/away", "a") == "a symbolic link out of the source");
  CHECK(follow(store, "a/upward") == "a symbolic link out of the source");
  CHECK(follow(store, "a/through") == "a/file");
  CHECK(follow(store, "a/through", "a") == "a symbolic link out of the source");
}

TEST_CASE("links that lead to each other end") {
  MemoryStore store;
  store.add_link("a", "b");
  store.add_link("b", "a");
  CHECK(follow(store, "a") == "a symbolic link that leads back to itself");
}
