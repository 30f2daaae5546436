#include "rules.hpp"

#include <toolkit/selection/walk.hpp>

using toolkit::ErrorKind;
using toolkit::selection::Directory;
using toolkit::selection::Filter;
using toolkit::selection::filter_of;
using toolkit::selection::LeftOut;
using toolkit::selection::Links;
using toolkit::selection::TestReader;
using toolkit::selection::Walk;
using toolkit::selection::WalkOptions;
using toolkit::support::MemoryStore;
using Names = std::vector<std::string>;

namespace {

struct Outcome {
  Names order;     // "a/" for a directory entered, "a/b" for a file, "a/b=c" for one at another key
  Names left_out;  // "key: why"
  Names errors;
};

Outcome walk(MemoryStore& store, const std::vector<std::string>& rules, WalkOptions options = {}) {
  TestReader reader(&store);
  const Filter filter = filter_of(rules, reader, options.root);
  const auto walk = Walk::of(store, filter, reader, options);
  Outcome outcome;
  walk->tell = [&outcome](const LeftOut& left_out) {
    outcome.left_out.push_back(left_out.key + ": " + left_out.why);
  };
  while (true) {
    const auto directory = walk->next();
    if (!directory) {
      outcome.errors.push_back(directory.error().message);
      continue;
    }
    if (!*directory) {
      return outcome;
    }
    outcome.order.push_back((*directory)->key + "/");
    for (const auto& file : (*directory)->files) {
      outcome.order.push_back(file.key + (file.real == file.key ? "" : "=" + file.real));
    }
  }
}

WalkOptions only(const std::string& name) {
  WalkOptions options;
  options.only = name;
  return options;
}

}  // namespace

TEST_CASE("a walk goes down a directory at a time, in the order of the names' bytes") {
  MemoryStore store;
  store.add_file("b", "");
  store.add_file("a/z", "");
  store.add_file("a/b/c", "");
  store.add_file("a-/x", "");
  store.add_directory("e");
  CHECK(walk(store, {}).order ==
        Names{"/", "b", "a/", "a/z", "a/b/", "a/b/c", "a-/", "a-/x", "e/"});
}

TEST_CASE("what is excluded is told with its rule, and never looked at") {
  MemoryStore store;
  store.add_file("keep.log", "");
  store.add_file("x.tmp", "");
  store.add_file("secret/key", "");
  store.add_link("link.tmp", "nowhere");
  const Outcome outcome = walk(store, {"--exclude=*.tmp", "- secret/"});
  CHECK(outcome.order == Names{"/", "keep.log"});
  CHECK(outcome.left_out == Names{"link.tmp: rule - *.tmp (--exclude)",
                                  "secret: rule - secret/ (--filter)",
                                  "x.tmp: rule - *.tmp (--exclude)"});
  CHECK(store.calls() == Names{"list "});
}

TEST_CASE("one name of the root is walked alone, and the rules see it") {
  MemoryStore store;
  store.add_file("a/x", "");
  store.add_file("a/y", "");
  store.add_file("b/x", "");
  store.add_file(".r", "- y\n");
  CHECK(walk(store, {"- /a/x", ": .r"}, only("a")).order == Names{"/", "a/", "a/y"});
  CHECK(walk(store, {"- a"}, only("a")).order == Names{"/"});
  CHECK(walk(store, {}, only(".r")).order == Names{"/", ".r"});
  const Outcome missing = walk(store, {}, only("c"));
  CHECK(missing.errors == Names{"cannot read /memory/c: no such file or directory"});
}

TEST_CASE("without recursion directories are told and left out") {
  MemoryStore store;
  store.add_file("a/x", "");
  store.add_file("b", "");
  WalkOptions options;
  options.recursive = false;
  const Outcome outcome = walk(store, {}, options);
  CHECK(outcome.order == Names{"/", "b"});
  CHECK(outcome.left_out == Names{"a: a directory, and --recursive is not given"});
}

TEST_CASE("limits leave files out after the rules, and say which") {
  MemoryStore store;
  store.add_file("big", "12345", 10);
  store.add_file("old", "123", 5);
  store.add_file("right", "123", 10);
  store.add_file("small", "1", 10);
  WalkOptions options;
  options.limits = {4, 2, 6};
  const Outcome outcome = walk(store, {}, options);
  CHECK(outcome.order == Names{"/", "right"});
  CHECK(outcome.left_out == Names{"big: larger than --max-size", "old: older than --newer",
                                  "small: smaller than --min-size"});
}

TEST_CASE("an error is of one directory, and the walk goes on") {
  MemoryStore store;
  store.add_file("a/x", "");
  store.add_file("b/y", "");
  store.break_call("list a", {ErrorKind::denied, "cannot read /memory/a: denied", {}, 0});
  const Outcome outcome = walk(store, {});
  CHECK(outcome.order == Names{"/", "b/", "b/y"});
  CHECK(outcome.errors == Names{"cannot read /memory/a: denied"});
}

TEST_CASE("what is neither file nor directory nor link is told") {
  MemoryStore store;
  store.add_other("fifo");
  CHECK(walk(store, {}).left_out == Names{"fifo: not a regular file"});
}

TEST_CASE("merge files are only read where the listing has them, through links too") {
  MemoryStore store;
  store.add_file("real/.r", "- x\n");
  store.add_file("real/x", "");
  store.add_file("real/y", "");
  store.add_link("link", "real");
  store.add_file("other/z", "");
  const Outcome outcome = walk(store, {":e .r"});
  CHECK(outcome.order ==
        Names{"/", "link/", "link/y=real/y", "other/", "other/z", "real/", "real/y"});
  for (const std::string& call : store.calls()) {
    CHECK(call != "open other/.r");
    CHECK(call != "open link/.r");
  }
}

TEST_CASE("a merge file may be a link inside the source, and one that leads out is an error") {
  MemoryStore store;
  store.add_file("..data/rules", "- x\n");
  store.add_link("a/.r", "../..data/rules");
  store.add_file("a/x", "");
  store.add_link("b/.r", "/etc/rules");
  store.add_file("b/x", "");
  store.add_file("c/.r/x", "");
  const Outcome outcome = walk(store, {":e .r", "- ..*"});
  CHECK(outcome.order == Names{"/", "a/", "c/"});
  CHECK(outcome.errors ==
        Names{"cannot read the rules of b/.r: a symbolic link out of the source"});
}

TEST_CASE("a walk holds rules against the root of its own source") {
  MemoryStore store;
  store.add_file("x", "");
  TestReader reader(&store);
  const Filter filter = filter_of({"-/ /one/x"}, reader, "/one");
  for (const std::string root : {"/one", "/two"}) {
    WalkOptions options;
    options.root = root;
    const auto directory = Walk::of(store, filter, reader, options)->next();
    REQUIRE(directory);
    CHECK((*directory)->files.size() == (root == "/one" ? 0 : 1));
  }
}

TEST_CASE("Kubernetes' links lead to the files, and each name can be opened") {
  MemoryStore store;
  store.add_file("..2026_11/train.yaml", "1");
  store.add_link("..data", "..2026_11");
  store.add_link("train.yaml", "..data/train.yaml");
  CHECK(walk(store, {"- ..*"}).order == Names{"/", "train.yaml=..2026_11/train.yaml"});
  CHECK(walk(store, {}).order == Names{"/", "train.yaml=..2026_11/train.yaml", "..2026_11/",
                                       "..2026_11/train.yaml", "..data/",
                                       "..data/train.yaml=..2026_11/train.yaml"});
}

TEST_CASE("links that are not followed are told why") {
  MemoryStore store;
  store.add_file("a/x", "");
  store.add_link("a/out", "../../etc/passwd");
  store.add_link("a/absolute", "/etc/passwd");
  store.add_link("a/dangling", "nothing");
  store.add_link("a/through", "x/y");
  store.add_link("a/round", "round");
  store.add_link("a/up", "..");
  store.add_link("a/self", ".");
  const Outcome outcome = walk(store, {});
  CHECK(outcome.order == Names{"/", "a/", "a/x"});
  CHECK(outcome.errors.empty());
  CHECK(outcome.left_out == Names{"a/absolute: a symbolic link out of the source",
                                  "a/dangling: a symbolic link to nothing",
                                  "a/out: a symbolic link out of the source",
                                  "a/round: a symbolic link that leads back to itself",
                                  "a/self: a symbolic link to a directory that it lies in",
                                  "a/through: a symbolic link to nothing",
                                  "a/up: a symbolic link to a directory that it lies in"});
  WalkOptions skip;
  skip.links = Links::skip;
  CHECK(walk(store, {}, skip).left_out.at(0) == "a/absolute: a symbolic link");
}

TEST_CASE("a link with an absolute target inside the source is followed") {
  MemoryStore store;
  store.add_file("a/x", "");
  store.add_link("b", "/data/src/a/x");
  store.add_link("c", "/data/srcs/a/x");
  WalkOptions options;
  options.root = "/data/src";
  const Outcome outcome = walk(store, {}, options);
  CHECK(outcome.order == Names{"/", "b=a/x", "a/", "a/x"});
  CHECK(outcome.left_out == Names{"c: a symbolic link out of the source"});
}

TEST_CASE(
    "of one name of the root links do not lead to its neighbours, unless it is a link itself") {
  MemoryStore store;
  store.add_file("run/x", "");
  store.add_file("secret", "");
  store.add_link("run/s", "../secret");
  store.add_link("latest", "run");
  const Outcome outcome = walk(store, {}, only("run"));
  CHECK(outcome.order == Names{"/", "run/", "run/x"});
  CHECK(outcome.left_out == Names{"run/s: a symbolic link out of the source"});
  const Outcome latest = walk(store, {}, only("latest"));
  CHECK(latest.order == Names{"/", "latest/", "latest/x=run/x"});
  CHECK(latest.left_out == Names{"latest/s: a symbolic link out of the source"});
}

TEST_CASE("links that multiply each other end") {
  MemoryStore store;
  for (const std::string a : {"a", "b", "c", "d"}) {
    store.add_file(a + "/file", "");
    for (const std::string b : {"a", "b", "c", "d"}) {
      store.add_link(a + "/to_" + b, "../" + b);
    }
  }
  const Outcome outcome = walk(store, {});
  CHECK(outcome.order.size() == 1 + 2 * 4 * (1 + 3 + 3 * 2 + 3 * 2 * 1));
}

TEST_CASE("a link whose target cannot be looked at is an error of its own") {
  MemoryStore store;
  store.add_file("a/x", "");
  store.add_link("b", "a/x");
  store.add_file("c", "");
  store.break_call("stat a/x", {ErrorKind::denied, "cannot read /memory/a/x: denied", {}, 0});
  const Outcome outcome = walk(store, {});
  CHECK(outcome.order == Names{"/", "c", "a/", "a/x"});
  CHECK(outcome.errors == Names{"cannot read /memory/a/x: denied"});
}

TEST_CASE("a listing with names that lead elsewhere is an error, and such a name is not used") {
  class Hostile : public MemoryStore {
   public:
    toolkit::Result<std::vector<toolkit::store::Entry>> list(const std::string&) override {
      std::vector<toolkit::store::Entry> entries(4);
      entries[0].name = "../../etc/cron.d/x";
      entries[1].name = "..";
      entries[2].name = std::string("a\0b", 3);
      entries[3].name = "good";
      return entries;
    }
  };
  Hostile store;
  const Outcome outcome = walk(store, {});
  CHECK(outcome.order == Names{"/", "good"});
  CHECK(outcome.errors.size() == 3);
}
