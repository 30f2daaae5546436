#include <doctest/doctest.h>
#include <src/probe/pattern.hpp>
#include <tests/support/environment.hpp>

#include <chrono>
#include <random>
#include <regex>

using toolkit::probe::Pattern;

namespace {

bool found(std::string_view pattern, std::string_view line) {
  const auto compiled = Pattern::compile(pattern);
  REQUIRE_MESSAGE(compiled, std::string(pattern));
  return compiled->found_in(line);
}

std::string fault(std::string_view pattern) {
  const auto compiled = Pattern::compile(pattern);
  REQUIRE_FALSE_MESSAGE(compiled, std::string(pattern));
  return compiled.error().message + " @" + std::to_string(compiled.error().offset);
}

}  // namespace

TEST_CASE("patterns find what they say") {
  struct {
    const char* pattern;
    const char* line;
    bool found;
  } const cases[] = {
      {"", "", true},
      {"ready", "server is ready", true},
      {"ready", "server is read", false},
      {"^ready", "not ready", false},
      {"ready$", "ready now", false},
      {"^ready$", "ready", true},
      {"^$", "", true},
      {"^$", "x", false},
      {"epoch \\d+ done", "epoch 17 done", true},
      {"epoch \\d+ done", "epoch x done", false},
      {"a|b|cd", "xcdx", true},
      {"a|b|cd", "xcx", false},
      {"x(a|b)*y", "xabbay", true},
      {"x(?:ab){2}y", "xababy", true},
      {"x(?:ab){2}y", "xababaty", false},
      {"a{2,3}b", "ab", false},
      {"^a{2,3}b", "aaab", true},
      {"^a{2,3}b", "aaaab", false},
      {"^a{2,}$", "aaaaa", true},
      {"^a{0}b$", "b", true},
      {"a+?b", "aab", true},
      {"colou?r", "color", true},
      {"a{", "a{", true},
      {"{2}", "x{2}", true},
      {"[abc]x", "bx", true},
      {"[^abc]x", "bx", false},
      {"[]]", "]", true},
      {"[^]]", "]", false},
      {"[a-c-]", "-", true},
      {"[\\d\\s_-]x", " x", true},
      {"[[:upper:]]{3}", "xABCx", true},
      {"[[:upper:]]{3}", "xABx", false},
      {"\\bfoo\\b", "a foo b", true},
      {"\\bfoo\\b", "afoo b", false},
      {"x\\b", "xZ", false},
      {"x\\b", "xA", false},
      {"x\\b", "xz", false},
      {"x\\b", "xa", false},
      {"x\\b", "x0", false},
      {"x\\b", "x9", false},
      {"x\\b", "x_", false},
      {"x\\b", "x[", true},
      {"x\\b", "x@", true},
      {"x\\b", "x{", true},
      {"x\\b", "x`", true},
      {"x\\b", "x/", true},
      {"x\\b", "x:", true},
      {"\\Boo", "foo", true},
      {"\\.", "a", false},
      {"\\x41", "A", true},
      {"a.c", "a\tc", true},
      {"(?i)ready", "REAdy", true},
      {"(?i)[a-c]", "B", true},
      {"\xC3\xA9+$", "\xC3\xA9\xC3\xA9", true},
      {"^\xC3\xA9{2}$", "\xC3\xA9\xC3\xA9", true},
      {"(a*)*b", "aab", true},
      {"()*x", "x", true},
      {"(|a)b", "b", true},
  };
  for (const auto& c : cases) {
    CAPTURE(c.pattern);
    CAPTURE(c.line);
    CHECK(found(c.pattern, c.line) == c.found);
  }
}

TEST_CASE("what is no pattern is named, with its place") {
  CHECK(fault("(a") == "a bracket that is not closed @0");
  CHECK(fault("ab)") == "a closing bracket without its opening one @2");
  CHECK(fault("x[ab") == "a [ that is not closed @1");
  CHECK(fault("*a") == "nothing to repeat @0");
  CHECK(fault("a**") == "nothing to repeat @2");
  CHECK(fault("^*") == "nothing to repeat @1");
  CHECK(fault("a\\") == "a backslash at the end @1");
  CHECK(fault("(a)\\1") == "back-references are not supported @3");
  CHECK(fault("x(?=a)") == "looking around is not supported; (?:…) and a leading (?i) are @1");
  CHECK(fault("[z-a]") == "a range that ends before it begins @1");
  CHECK(fault("[[:nope:]]") == "no such class of characters @1");
  CHECK(fault("a{3,2}") == "a range that ends before it begins @1");
  CHECK(fault("a{2000}") == "at most 1000 repetitions @1");
  CHECK(fault("((a{1000}){1000}){1000}") == "too large @15");
  CHECK(fault("\\q") == "\\q means nothing here @0");
  CHECK(fault("\\x4") == "\\x wants two hexadecimal digits @0");
  CHECK(fault("[\xC3\xA9]") == "only ASCII inside [ ] @1");
  CHECK(fault(std::string(300, '(')) == "brackets too deep @201");
}

TEST_CASE("a line that goes on has no end yet") {
  const auto pattern = Pattern::compile("epoch 1$");
  CHECK_FALSE(pattern->found_in("epoch 1", false));
  CHECK(pattern->found_in("epoch 1", true));
  CHECK_FALSE(Pattern::compile("\\bdone\\b")->found_in("done", false));
  CHECK(Pattern::compile("done")->found_in("done", false));
}

TEST_CASE("a text is searched line by line") {
  const auto pattern = Pattern::compile("^b$");
  CHECK(pattern->found_in_lines("a\nb\r\nc"));
  CHECK_FALSE(pattern->found_in_lines("a\nxb\nc\n"));
  CHECK_FALSE(Pattern::compile("a.*c")->found_in_lines("a\nc"));
  CHECK_FALSE(pattern->found_in_lines(""));
}

TEST_CASE("patterns that hang others take linear time") {
  const std::string line(64 << 10, 'a');
  const std::chrono::seconds limit(toolkit::support::sanitized() ? 100 : 20);  // slower steps
  for (const char* const pattern :
       {"(a+)+b", "(.*)*x$", "a.*b.*c.*d", "(a|a)*b", "(a|aa)+$b", "(a?){100}a{100}b"}) {
    CAPTURE(pattern);
    const auto begin = std::chrono::steady_clock::now();
    CHECK_FALSE(found(pattern, line));
    CHECK(std::chrono::steady_clock::now() - begin < limit);
  }
}

// The standard library's, on lines and patterns that are too short to hang it.
TEST_CASE("random patterns find what std::regex finds") {
  std::mt19937 random(7);
  const auto pick = [&](auto&... words) {
    const char* const all[] = {words...};
    return std::string(all[random() % std::size(all)]);
  };
  int hits = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string pattern, line;
    int open = 0;
    for (int atoms = 1 + static_cast<int>(random() % 5); atoms > 0; --atoms) {
      if (random() % 4 == 0) {
        pattern += random() % 2 == 0 ? "(" : "(?:";
        ++open;
      }
      pattern += pick("a", "b", "c", ".", "[ab]", "[^a]", "\\d", "\\w", "ab");
      pattern += pick("", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?");
      if (open > 0 && random() % 2 == 0) {
        pattern += ")" + pick("", "*", "+", "?", "{2}");
        --open;
      }
      pattern += atoms > 1 && random() % 5 == 0 ? "|" : "";
    }
    pattern += std::string(static_cast<std::size_t>(open), ')');
    pattern = pick("", "", "", "^", "\\b") + pattern + pick("", "", "", "$", "\\b");
    for (int length = static_cast<int>(random() % 9); length > 0; --length) {
      line += pick("a", "b", "c", "1", " ");
    }
    CAPTURE(pattern);
    CAPTURE(line);
    const bool expected = std::regex_search(line, std::regex(pattern));
    hits += expected ? 1 : 0;
    REQUIRE(found(pattern, line) == expected);
  }
  CHECK(hits > 2'000);
  CHECK(hits < 18'000);
}
