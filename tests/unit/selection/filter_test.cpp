#include "rules.hpp"

#include <src/selection/scope.hpp>

using toolkit::ErrorKind;
using toolkit::selection::Filter;
using toolkit::selection::filter_of;
using toolkit::selection::rules_of;
using toolkit::selection::Scope;
using toolkit::selection::TestReader;
using toolkit::selection::Verdict;

namespace {

Verdict judge(const Filter& filter, std::string path) {
  const bool is_directory = path.back() == '/';
  path.resize(path.size() - (is_directory ? 1 : 0));
  return filter.judge(Scope{}, path, is_directory);
}

toolkit::Error error_of(const std::vector<std::string>& arguments, TestReader& reader) {
  const auto filter = Filter::make(rules_of(arguments), reader);
  REQUIRE_FALSE(filter);
  return filter.error();
}

}  // namespace

TEST_CASE("the first rule that matches decides, and none means included") {
  TestReader reader;
  const Filter filter = filter_of({"--include=*.log", "--include=*/", "--exclude=*"}, reader);
  CHECK(judge(filter, "a/train.log").included);
  CHECK(judge(filter, "a/").included);
  const Verdict tmp = judge(filter, "a/x.tmp");
  CHECK_FALSE(tmp.included);
  CHECK(tmp.rule == "- *");
  CHECK(tmp.origin == "--exclude");
  CHECK(judge(filter_of({}, reader), "a").included);
  CHECK(judge(filter_of({}, reader), "a").rule.empty());
}

TEST_CASE("rules for one side only are for that side") {
  TestReader reader;
  const Filter filter = filter_of({"P a", "H b", "- c", "R d", "S d", "- d"}, reader);
  const Scope scope;
  CHECK(judge(filter, "a").included);
  CHECK(filter.protects(scope, "a", false));
  CHECK_FALSE(judge(filter, "b").included);
  CHECK_FALSE(filter.protects(scope, "b", false));
  CHECK_FALSE(judge(filter, "c").included);
  CHECK(filter.protects(scope, "c", false));
  CHECK(judge(filter, "d").included);
  CHECK_FALSE(filter.protects(scope, "d", false));
}

TEST_CASE("files of rules have comments, empty lines, carriage returns and places") {
  TestReader reader;
  reader.files["rules"] = "# - *\n; - *\n\n- a\r\n+ b\rc";
  const Filter filter = filter_of({"--exclude-from=rules", "--exclude=*"}, reader);
  CHECK(judge(filter, "a").origin == "rules:4");
  CHECK(judge(filter, "b").included);
  CHECK(judge(filter, "c").rule == "- c");
  CHECK(judge(filter, "# - *").origin == "--exclude");
}

TEST_CASE("merge files are read where they are named, with the modifiers of their rule") {
  TestReader reader;
  reader.files["outer"] = "- a\nmerge inner\n.- plain\n.w words\n";
  reader.files["inner"] = "+ b\n";
  reader.files["plain"] = "- c\n";
  reader.files["words"] = "-_d\t+_e";
  const Filter filter = filter_of({"merge outer", "- b", "- e"}, reader);
  CHECK_FALSE(judge(filter, "a").included);
  CHECK(judge(filter, "b").included);
  CHECK(judge(filter, "c").included);
  CHECK_FALSE(judge(filter, "- c").included);
  CHECK_FALSE(judge(filter, "d").included);
  CHECK(judge(filter, "e").included);
}

TEST_CASE("a list is cleared by '!', in a file that is merged too") {
  TestReader reader;
  reader.files["clear"] = "!\n- b\n";
  CHECK(judge(filter_of({"- a", "!"}, reader), "a").included);
  const Filter filter = filter_of({"- a", "merge clear"}, reader);
  CHECK(judge(filter, "a").included);
  CHECK_FALSE(judge(filter, "b").included);
  CHECK(judge(filter_of({"- a", "--include=!"}, reader), "a").included);
}

TEST_CASE("the rule -C excludes what CVS would, and what the user's files name") {
  TestReader reader;
  reader.cvs = "mine*\n";
  const Filter filter = filter_of({"+ keep.o", "-C"}, reader);
  CHECK(judge(filter, "keep.o").included);
  CHECK_FALSE(judge(filter, "a.o").included);
  CHECK_FALSE(judge(filter, ".git/").included);
  CHECK(judge(filter, ".git").included);
  CHECK_FALSE(judge(filter, "mine1").included);
  CHECK(judge(filter, "a.c").included);
}

TEST_CASE("the modifier e hides the merge file itself") {
  TestReader reader;
  const Filter filter = filter_of({":e .rules"}, reader);
  CHECK_FALSE(judge(filter, "a/.rules").included);
  CHECK(judge(filter, "a/b").included);
}

TEST_CASE("a bad rule is one usage error with the rule, its place and the reason") {
  TestReader reader;
  const toolkit::Error option = error_of({"--exclude=a", "quit a"}, reader);
  CHECK(option.kind == ErrorKind::usage);
  CHECK(option.message == "bad filter rule 'quit a' (--filter): no such rule");
  CHECK_FALSE(option.remedy.empty());
  reader.files["rules"] = "- a\n-q b\n";
  CHECK(error_of({"merge rules"}, reader).message ==
        "bad filter rule '-q b' (rules:2): 'q' is no modifier of this rule");
  CHECK(error_of({"merge nothing"}, reader).kind == ErrorKind::not_found);
  CHECK(error_of({"--include-from=nothing"}, reader).message == "cannot read nothing: not there");
}

TEST_CASE("a file that merges itself is an error") {
  TestReader reader;
  reader.files["rules"] = "- a\n. rules\n";
  CHECK(error_of({"merge rules"}, reader).message ==
        "bad filter rule '. rules' (rules:2): files that merge each other without end");
}
