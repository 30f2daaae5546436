#include <doctest/doctest.h>
#include <src/selection/pattern.hpp>

#include <string>

using toolkit::selection::Glob;
using toolkit::selection::Pattern;
using toolkit::selection::Subject;

namespace {

// A path with a slash at its end is a directory.
bool matches(const std::string& pattern, std::string path, bool absolute = false) {
  const bool is_directory = path.back() == '/';
  path.resize(path.size() - (is_directory ? 1 : 0));
  return Pattern(pattern, absolute, 0).matches(Subject("/data/src", path, is_directory));
}

struct Row {
  const char* pattern;
  const char* path;
  bool expected;
};

}  // namespace

TEST_CASE("a pattern without a slash looks at the name, one with a slash at the last names") {
  for (const Row& row : {Row{"foo", "foo", true},
                         {"foo", "a/foo", true},
                         {"foo", "a/xfoo", false},
                         {"foo/bar", "a/foo/bar", true},
                         {"foo/bar", "foo/bar", true},
                         {"foo/bar", "a/xfoo/bar", false},
                         {"foo/bar", "bar", false},
                         {"/foo", "foo", true},
                         {"/foo", "a/foo", false},
                         {"*/bar", "a/b/bar", true},
                         {"*/bar", "bar", false},
                         {"/*/bar", "a/bar", true},
                         {"/*/bar", "a/b/bar", false}}) {
    CAPTURE(row.pattern);
    CAPTURE(row.path);
    CHECK(matches(row.pattern, row.path) == row.expected);
  }
}

TEST_CASE("a slash at the end is for directories only") {
  CHECK(matches("foo/", "a/foo/"));
  CHECK_FALSE(matches("foo/", "a/foo"));
  CHECK(matches("*/", "foo/"));
  CHECK_FALSE(matches("/", "foo/"));
  CHECK_FALSE(matches("foo//", "foo/"));
}

TEST_CASE("two stars cross slashes, and may stand for nothing at the start of a path") {
  for (const Row& row : {Row{"a/**", "a/b/c", true},
                         {"a/**", "x/a/b", true},
                         {"a/**", "a/", false},
                         {"a/***", "a/", true},
                         {"a/***", "a", false},
                         {"a/***", "a/b/c", true},
                         {"**/c", "c", true},
                         {"**/c", "a/b/c", true},
                         {"/**/c", "c", false},
                         {"/**/c", "a/c", true},
                         {"a**c", "x/a/b/c", true},
                         {"a**c", "xa/c", false},
                         {"**a", "b/xa", true},
                         {"a*/b", "ab/c/b", false},
                         {"**", "a/b", true}}) {
    CAPTURE(row.pattern);
    CAPTURE(row.path);
    CHECK(matches(row.pattern, row.path) == row.expected);
  }
}

TEST_CASE("a class is one byte and never a slash") {
  for (const Row& row : {Row{"[abc]", "b", true},
                         {"[a-c]x", "bx", true},
                         {"[!a-c]", "b", false},
                         {"[^a-c]", "d", true},
                         {"[]a]", "]", true},
                         {"[!]a]", "]", false},
                         {"[a-]", "-", true},
                         {"[a-c-e]", "d", false},
                         {"[a-c-e]", "-", true},
                         {"[\\]]", "]", true},
                         {"[[:digit:]x]", "7", true},
                         {"[[:digit:]x]", "x", true},
                         {"[[:alpha:]]", "\xC3", false},
                         {"[[:nope:]]", "n", false},
                         {"[[:a]", ":", true},
                         {"[a", "[a", false},
                         {"/a[!x]b", "a/b", false},
                         {"**[a", "a", false},
                         {"[\x80-\xFF]", "\xC3", true}}) {
    CAPTURE(row.pattern);
    CAPTURE(row.path);
    CHECK(matches(row.pattern, row.path) == row.expected);
  }
}

TEST_CASE("a backslash escapes in patterns with wildcards only") {
  CHECK(matches("a\\b", "a\\b"));
  CHECK_FALSE(matches("a\\b*", "a\\bc"));
  CHECK(matches("a\\b*", "abc"));
  CHECK(matches("a\\\\b*", "a\\bc"));
  CHECK(matches("\\*", "*"));
  CHECK_FALSE(matches("\\*", "a"));
  CHECK_FALSE(matches("*\\", "a\\"));
}

TEST_CASE("the modifier / holds a pattern against the absolute path") {
  CHECK(matches("/data/src/foo", "foo", true));
  CHECK(matches("src/foo", "foo", true));
  CHECK(matches("/data/**", "a/b", true));
  CHECK_FALSE(matches("/foo", "foo", true));
  CHECK(matches("foo", "a/foo", true));
}

TEST_CASE("a pattern of a merge file is anchored at its directory, whatever bytes that name has") {
  const std::string base = "/data/src/w[1]/";
  const Pattern pattern("/foo", false, base.size());
  CHECK(pattern.matches(Subject("/data/src", "w[1]/foo", false)));
  CHECK_FALSE(pattern.matches(Subject("/data/src", "w[1]/a/foo", false)));
}

TEST_CASE("hostile patterns end: with backtracking this would not") {
  std::string pattern, text(4000, 'a');
  for (int i = 0; i < 200; ++i) {
    pattern += "*a**[a-z]*?";
  }
  CHECK(Glob(pattern + "*").matches(text));
  CHECK_FALSE(Glob(pattern + "b*").matches(text));
}

TEST_CASE("stars between which something stands are tried in every way") {
  CHECK(Glob("*a*b*").matches("xxaxxbxx"));
  CHECK(Glob("*ab*ab*").matches("aabab"));
  CHECK_FALSE(Glob("*ab*ab*").matches("abxa"));
  CHECK(Glob("**/a*/b**").matches("x/ay/bz/q"));
  CHECK_FALSE(Glob("*/a*/b*").matches("x/ay/z/b"));
  CHECK(Glob("*??*").matches("ab"));
  CHECK_FALSE(Glob("*??*").matches("a"));
  CHECK(Glob("").matches(""));
  CHECK_FALSE(Glob("?").matches(""));
}
