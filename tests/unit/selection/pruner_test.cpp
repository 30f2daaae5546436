#include "rules.hpp"

#include <toolkit/selection/pruner.hpp>

using toolkit::selection::Filter;
using toolkit::selection::filter_of;
using toolkit::selection::Pruner;
using toolkit::selection::TestReader;
using toolkit::selection::Walk;
using toolkit::selection::WalkOptions;
using toolkit::support::MemoryStore;
using Names = std::vector<std::string>;

namespace {

Names kept(MemoryStore& store, const std::vector<std::string>& rules, WalkOptions options = {}) {
  TestReader reader(&store);
  const Filter filter = filter_of(rules, reader);
  const auto walk = Walk::of(store, filter, reader, options);
  Pruner pruner;
  Names all;
  for (auto directory = walk->next(); directory && *directory; directory = walk->next()) {
    const Names needed = pruner.needed(**directory);
    all.insert(all.end(), needed.begin(), needed.end());
  }
  return all;
}

}  // namespace

TEST_CASE("directories are made when something is found in them, parents first and once") {
  MemoryStore store;
  store.add_file("a/b/c/x.log", "");
  store.add_file("a/b/d/y.log", "");
  store.add_file("a/e/z.tmp", "");
  store.add_file("a/f/g.log", "");
  store.add_directory("h/i");
  store.add_file("j.log", "");
  CHECK(kept(store, {"+ */", "+ *.log", "- *"}) == Names{"a", "a/b", "a/b/c", "a/b/d", "a/f"});
}

TEST_CASE("a directory whose files only a limit leaves out is kept, and one that is protected") {
  MemoryStore store;
  store.add_file("a/big", "12345");
  store.add_directory("b/c");
  store.add_directory("d");
  WalkOptions options;
  options.limits.maximum_size = 4;
  CHECK(kept(store, {"P c/", "S d", "- d"}, options) == Names{"a", "b", "b/c", "d"});
}
