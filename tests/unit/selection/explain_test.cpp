#include "rules.hpp"

#include <toolkit/selection/explain.hpp>

using toolkit::ErrorKind;
using toolkit::selection::explain;
using toolkit::selection::Explanation;
using toolkit::selection::Filter;
using toolkit::selection::filter_of;
using toolkit::selection::TestReader;
using toolkit::selection::WalkOptions;
using toolkit::support::MemoryStore;

namespace {

Explanation explained(MemoryStore& store, const std::vector<std::string>& rules,
                      const std::string& path) {
  TestReader reader(&store);
  const Filter filter = filter_of(rules, reader);
  const auto explanation = explain(store, filter, reader, {}, path);
  REQUIRE_MESSAGE(explanation, (explanation ? "" : explanation.error().message));
  return *explanation;
}

}  // namespace

TEST_CASE("the rule that decided about a path is named") {
  MemoryStore store;
  store.add_file("a/b/train.log", "");
  store.add_file("a/b/x.tmp", "");
  const std::vector<std::string> rules = {"--include=*.log", "--exclude=*.tmp"};
  const Explanation log = explained(store, rules, "a/b/train.log");
  CHECK(log.included);
  CHECK(log.why == "rule + *.log (--include)");
  const Explanation tmp = explained(store, rules, "a/b/x.tmp");
  CHECK_FALSE(tmp.included);
  CHECK(tmp.key == "a/b/x.tmp");
  CHECK(tmp.verdict.rule == "- *.tmp");
  CHECK(explained(store, rules, "a/b/").why == "no rule matches");
}

TEST_CASE("a directory above that is left out decides, and nothing below it is read") {
  MemoryStore store;
  store.add_file("a/b/train.log", "");
  store.add_file("c/x", "");
  const Explanation found = explained(store, {"--include=*.log", "--exclude=a"}, "a/b/train.log");
  CHECK_FALSE(found.included);
  CHECK(found.key == "a");
  CHECK(found.why == "rule - a (--exclude)");
  CHECK(store.calls() == std::vector<std::string>{"list "});
}

TEST_CASE("directories beside the way to a path are not read") {
  MemoryStore store;
  store.add_file("a/x", "");
  store.add_file("b/y/z", "");
  CHECK(explained(store, {}, "b/y/z").included);
  CHECK(store.calls() == std::vector<std::string>{"list ", "list b", "list b/y"});
}

TEST_CASE("a merge file's rule is named with its place") {
  MemoryStore store;
  store.add_file("a/.r", "- other\n- /x\n");
  store.add_file("a/x", "");
  CHECK(explained(store, {": .r"}, "a/x").why == "rule - /x (a/.r:2)");
}

TEST_CASE(
    "what no rule leaves out is explained as well, and a path that is not there is an error") {
  MemoryStore store;
  store.add_link("l", "nowhere");
  store.add_file("a/x", "");
  CHECK(explained(store, {}, "l").why == "a symbolic link to nothing");
  TestReader reader(&store);
  const Filter filter = filter_of({}, reader);
  CHECK(explain(store, filter, reader, {}, "a/y").error().kind == ErrorKind::not_found);
  CHECK(explain(store, filter, reader, {}, "a/x/y").error().kind == ErrorKind::not_found);
  store.break_call("list a", {ErrorKind::denied, "cannot read a", {}, 0});
  CHECK(explain(store, filter, reader, {}, "a/x").error().kind == ErrorKind::denied);
}
