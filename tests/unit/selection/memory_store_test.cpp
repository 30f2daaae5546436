// The store that other tests rely on keeps to the seam itself.
#include <doctest/doctest.h>
#include <tests/support/memory_store.hpp>

using toolkit::ErrorKind;
using toolkit::support::MemoryStore;

namespace {

struct Free : toolkit::store::Flow {
  toolkit::Result<void> pass(std::size_t bytes) override {
    passed += bytes;
    return {};
  }
  void again(std::size_t) override {}
  std::size_t passed = 0;
};

}  // namespace

TEST_CASE("the store in memory lists one directory, sorted by bytes") {
  MemoryStore store;
  store.add_file("a/z", "1");
  store.add_file("a/b/deep", "2");
  store.add_file("a-b", "3");
  store.add_link("a/B", "z");
  const auto root = store.list(""), a = store.list("a");
  REQUIRE(root);
  REQUIRE(a);
  REQUIRE(root->size() == 2);
  CHECK(root->at(0).name == "a");
  CHECK(root->at(1).name == "a-b");
  REQUIRE(a->size() == 3);
  CHECK(a->at(0).name == "B");
  CHECK(a->at(0).kind == toolkit::store::Kind::symlink);
  CHECK(a->at(1).name == "b");
  CHECK(a->at(2).size == 1);
  CHECK(store.list("nothing").error().kind == ErrorKind::not_found);
}

TEST_CASE("the store in memory appends at the end only, and an open file outlives its name") {
  MemoryStore store;
  store.add_file("from", "0123456789");
  store.add_file("to", "0123");
  auto content = store.open("from", false);
  REQUIRE(content);
  REQUIRE(store.remove("from"));
  Free flow;
  std::string memo;
  const toolkit::store::Target target{"to", 8, 7, 0};
  CHECK(store.append(target, 3, **content, flow, memo).error().kind == ErrorKind::conflict);
  REQUIRE(store.append(target, 4, **content, flow, memo));
  CHECK(store.bytes_of("to") == "01234567");
  CHECK(flow.passed == 4);
  REQUIRE(store.put({"new/file", 10, 7, 0}, **content, flow, memo));
  CHECK(store.bytes_of("new/file") == "0123456789");
  CHECK(store.stat("new").value().value().kind == toolkit::store::Kind::directory);
}

TEST_CASE("a call of the store in memory can be made to fail, and is noted") {
  MemoryStore store;
  store.add_file("a", "1");
  store.break_call("open a", {ErrorKind::denied, "cannot open a: permission denied", {}, 0});
  CHECK(store.open("a", false).error().kind == ErrorKind::denied);
  store.mend();
  CHECK(store.open("a", false));
  CHECK(store.calls() == std::vector<std::string>{"open a", "open a"});
  CHECK(store.create_exclusively("a", "2").error().kind == ErrorKind::conflict);
  CHECK(store.replace_if_same("a", "2", "3").error().kind == ErrorKind::conflict);
  CHECK(store.replace_if_same("a", "1", "3"));
  CHECK(store.bytes_of("a") == "3");
}
