#include "rules.hpp"

#include <src/selection/scope.hpp>

using toolkit::ErrorKind;
using toolkit::selection::Filter;
using toolkit::selection::filter_of;
using toolkit::selection::Scope;
using toolkit::selection::TestReader;
using toolkit::support::MemoryStore;
using ScopePointer = std::shared_ptr<const Scope>;

namespace {

ScopePointer enter(const Filter& filter, TestReader& reader, const std::string& key,
                   const ScopePointer& parent) {
  auto scope = filter.enter(parent, key, reader);
  REQUIRE_MESSAGE(scope, (scope ? "" : scope.error().message));
  return *scope;
}

// The scope of "a/b", entered from the root on.
ScopePointer scope_of(const Filter& filter, TestReader& reader, const std::string& key) {
  ScopePointer scope = enter(filter, reader, "", nullptr);
  for (std::size_t end = 0; end < key.size();) {
    end = std::min(key.find('/', end + 1), key.size());
    scope = enter(filter, reader, key.substr(0, end), scope);
  }
  return scope;
}

bool includes(const Filter& filter, TestReader& reader, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const auto scope = scope_of(filter, reader, slash == path.npos ? "" : path.substr(0, slash));
  return filter.judge(*scope, path, false).included;
}

}  // namespace

TEST_CASE("a directory's own merge file comes before those above, and holds for all below") {
  MemoryStore store;
  store.add_file(".r", "- x\n- y\n");
  store.add_file("a/.r", "+ x\n");
  store.add_file("a/b/c", "");
  TestReader reader(&store);
  const Filter filter = filter_of({": .r", "- z"}, reader);
  CHECK_FALSE(includes(filter, reader, "x"));
  CHECK(includes(filter, reader, "a/x"));
  CHECK(includes(filter, reader, "a/b/x"));
  CHECK_FALSE(includes(filter, reader, "a/b/y"));
  CHECK_FALSE(includes(filter, reader, "a/b/z"));
  CHECK(filter.judge(*scope_of(filter, reader, "a/b"), "a/b/x", false).origin == "a/.r:1");
}

TEST_CASE("the modifier n keeps rules in their directory, and '!' forgets those above") {
  MemoryStore store;
  store.add_file(".r", "- x\n");
  store.add_file("a/.r", "!\n- y\n");
  store.add_file("b/c", "");
  TestReader reader(&store);
  const Filter once = filter_of({":n .r"}, reader), all = filter_of({": .r"}, reader);
  CHECK_FALSE(includes(once, reader, "x"));
  CHECK(includes(once, reader, "b/x"));
  CHECK_FALSE(includes(all, reader, "b/x"));
  CHECK(includes(all, reader, "a/x"));
  CHECK_FALSE(includes(all, reader, "a/y"));
}

TEST_CASE("a pattern with a slash in front is anchored at its merge file's directory") {
  MemoryStore store;
  store.add_file("a/.r", "- /x\n");
  TestReader reader(&store);
  const Filter filter = filter_of({": .r"}, reader, "/data");
  CHECK_FALSE(includes(filter, reader, "a/x"));
  CHECK(includes(filter, reader, "a/b/x"));
}

TEST_CASE("a merge file may name further ones, each name once") {
  MemoryStore store;
  store.add_file("a/.r", ": .s\n: .r\n. ./more\n");
  store.add_file("a/more", "- m\n");
  store.add_file("a/b/.s", "- x\n");
  TestReader reader(&store);
  const Filter filter = filter_of({": .r", ":n .r"}, reader);
  CHECK_FALSE(includes(filter, reader, "a/b/x"));
  CHECK(includes(filter, reader, "a/x"));
  CHECK_FALSE(includes(filter, reader, "a/m"));
  reader.asked.clear();
  (void)scope_of(filter, reader, "");
  CHECK(reader.asked == std::vector<std::string>{".r"});
}

TEST_CASE("a merge file named with a path is looked for above the source, too") {
  MemoryStore store;
  store.add_file(".f", "- b\n");
  TestReader reader(&store);
  reader.files["/data/.f"] = "- a\n+ b\n- /src/anchored\n";
  reader.files["/.f"] = "+ a\n- top\n";
  const Filter filter = filter_of({": /.f"}, reader, "/data/src/");
  CHECK_FALSE(includes(filter, reader, "a"));
  CHECK_FALSE(includes(filter, reader, "b"));
  CHECK_FALSE(includes(filter, reader, "x/top"));
  CHECK_FALSE(includes(filter, reader, "anchored"));
  CHECK(includes(filter, reader, "x/anchored"));
  const Filter near = filter_of({": ../.f"}, reader, "/data/src");
  CHECK_FALSE(includes(near, reader, "a"));
  CHECK(includes(near, reader, "top"));
  CHECK(includes(filter_of({": /.f"}, reader), reader, "a"));
}

TEST_CASE("a merge file that cannot be read, or has a bad rule, is an error and not an empty one") {
  MemoryStore store;
  store.add_file("a/.r", "- x\n");
  store.add_file("b/.r", "nonsense\n");
  store.break_call("open a/.r", {ErrorKind::denied, "cannot open /memory/a/.r: denied", {}, 0});
  TestReader reader(&store);
  const Filter filter = filter_of({": .r"}, reader);
  const auto root = enter(filter, reader, "", nullptr);
  CHECK(filter.enter(root, "a", reader).error().kind == ErrorKind::denied);
  const auto bad = filter.enter(root, "b", reader);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().kind == ErrorKind::usage);
  CHECK(bad.error().message == "bad filter rule 'nonsense' (b/.r:1): no such rule");
}
