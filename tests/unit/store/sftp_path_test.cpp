#include <doctest/doctest.h>
#include <src/store/sftp_path.hpp>

using namespace toolkit::store;
using namespace toolkit::store::sftp;

namespace {

std::string root(const std::string& path) {
  Location location;
  location.kind = Location::Kind::sftp;
  location.path = path;
  return root_of(location);
}

}  // namespace

TEST_CASE("relative places and ~ are below the login directory") {
  CHECK(root("") == ".");
  CHECK(root("~") == ".");
  CHECK(root("~/") == ".");
  CHECK(root("~/logs/") == "logs");
  CHECK(root("logs//") == "logs");
  CHECK(root("/") == "/");
  CHECK(root("/data/") == "/data");
  CHECK(join(".", "a") == "a");
  CHECK(join("/", "a/b") == "/a/b");
  CHECK(join("/data", "a") == "/data/a");
  CHECK(join("/data", "") == "/data");
}

TEST_CASE("a path has a parent until there is none") {
  CHECK(parent_of("/a/b") == "/a");
  CHECK(parent_of("/a") == "/");
  CHECK(parent_of("a") == "");
  CHECK(name_in("/a/b") == "b");
  CHECK(name_in("b") == "b");
}

TEST_CASE("a draft lies beside its file, hidden, with a name that fits") {
  const std::string draft = temporary_beside("/a/b/train.log");
  CHECK(draft.starts_with("/a/b/.train.log.toolkit-"));
  CHECK(draft != temporary_beside("/a/b/train.log"));
  CHECK(temporary_beside("x").starts_with(".x.toolkit-"));
  CHECK(name_in(temporary_beside("/a/" + std::string(255, 'x'))).size() == 255);
}

TEST_CASE("the draft of a state of a source has one name, and another state another") {
  const Target target{"a", 5, 7, 0};
  const std::string draft = draft_of_source("/x/a", target, {1, 2});
  CHECK(draft == draft_of_source("/x/a", target, {1, 2}));
  CHECK(draft != draft_of_source("/x/a", target, {1, 3}));
  CHECK(draft != draft_of_source("/x/a", {"a", 5, 8, 0}, {1, 2}));
  CHECK(draft != draft_of_source("/x/a", {"a", 6, 7, 0}, {1, 2}));
  CHECK(is_draft_name(name_in(draft)));
  for (const char* const other : {"a", ".a", ".toolkit-abcdefgh", "a.toolkit-abcdefgh",
                                  ".a.toolkit-x", ".a/b.toolkit-abcdefgh"}) {
    CHECK_FALSE(is_draft_name(other));
  }
}

TEST_CASE("attributes become an entry, by the mode or by ls -l's first letter") {
  Attributes attributes;
  attributes.size = 5;
  attributes.mode = 0120777;
  attributes.atime = attributes.mtime = 7;
  const Entry link = entry_of("l", attributes);
  CHECK(link.kind == Kind::symlink);
  CHECK(link.mode == 0777);
  CHECK(link.size == 5);
  CHECK(link.mtime == 7'000'000'000);
  CHECK(entry_of("d", {}, "drwxr-xr-x 2 root").kind == Kind::directory);
  CHECK(entry_of("p", {}, "prw-r--r-- 1 root").kind == Kind::other);
  CHECK(entry_of("f", {}).kind == Kind::file);
  attributes.mode = 0640;  // permission bits only
  CHECK(entry_of("f", attributes, "-rw-r-----").kind == Kind::file);
}

TEST_CASE("times outside of the protocol's 32 bits stay at its ends") {
  CHECK(seconds_of(-1) == 0);
  CHECK(seconds_of(1'999'999'999) == 1);
  CHECK(seconds_of(std::int64_t{1} << 62) == 0xffffffff);
}
