#include <toolkit/condition/condition.hpp>

#include <doctest/doctest.h>

using toolkit::condition::underline;

TEST_CASE("carets stand under the part") {
  CHECK(underline("tcp://db:x", 9, 1) == "  tcp://db:x\n           ^");
  CHECK(underline("all(a)", 0, 3) == "  all(a)\n  ^^^");
}

TEST_CASE("columns are code points, so that carets stand right behind any alphabet") {
  CHECK(underline("file:/größe x", 14, 1) == "  file:/größe x\n              ^");
  CHECK(underline("файл y", 0, 8) == "  файл y\n  ^^^^");
}

TEST_CASE("tabs and line ends take one column, and no control character reaches the terminal") {
  CHECK(underline("all(\n\ta b)", 8, 1) == "  all(  a b)\n          ^");
  CHECK(underline("a\x1b[2Jb", 5, 1) == "  a?[2Jb\n       ^");
}

TEST_CASE("a place outside the operand is put at its end") {
  CHECK(underline("", 0, 1) == "  \n  ^");
  CHECK(underline("ab", 7, 3) == "  ab\n    ^");
  CHECK(underline("abc", 1, 99) == "  abc\n   ^^");
}

TEST_CASE("passwords are masked, and the carets move along") {
  CHECK(underline("postgres://me:hunter2@db:x/y", 25, 1) ==
        "  postgres://me:***@db:x/y\n                       ^");
  CHECK(underline("http://h/ token=abcdefgh x", 25, 1) ==
        "  http://h/ token=*** x\n                      ^");
}
