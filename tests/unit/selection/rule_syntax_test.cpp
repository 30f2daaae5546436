#include <doctest/doctest.h>
#include <src/selection/rule_syntax.hpp>

using toolkit::selection::Grammar;
using toolkit::selection::Modifiers;
using toolkit::selection::parse_rule;
using toolkit::selection::ParsedRule;
using toolkit::selection::text_of;

namespace {

// As text again: "-! a", "merge a", "dir-merge a", "!", or "bad: reason".
std::string read_back(const std::string& text, Grammar grammar = Grammar::rules,
                      const Modifiers& defaults = {}) {
  const auto rule = parse_rule(text, defaults, grammar);
  if (!rule) {
    return "bad: " + rule.error();
  }
  switch (rule->action) {
    case ParsedRule::Action::merge:
      return "merge " + rule->argument;
    case ParsedRule::Action::directory_merge:
      return "dir-merge " + rule->argument;
    case ParsedRule::Action::clear:
      return "!";
    case ParsedRule::Action::match:
      break;
  }
  return text_of(rule->modifiers, rule->argument);
}

}  // namespace

TEST_CASE("rules have short and long names, and one separator") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"- a", "- a"},
      {"-_a", "- a"},
      {"-  a", "-  a"},
      {"-__a", "- _a"},
      {"-, a", "- a"},
      {"exclude a", "- a"},
      {"include_a b", "+ a b"},
      {"exclude,! a", "-! a"},
      {"-!/ a", "-!/ a"},
      {"H a", "-s a"},
      {"hide,p a", "-sp a"},
      {"show a", "+s a"},
      {"P a", "-r a"},
      {"risk a", "+r a"},
      {"-sr a", "- a"},
      {"-x a", "-x a"},
      {"!", "!"},
      {"!,", "!"},
      {"clear", "!"},
      {". a", "merge a"},
      {"merge,n a", "merge a"},
      {":ne- a", "dir-merge a"},
      {"dir-merge a b", "dir-merge a b"},
      {":C", "dir-merge "},
  };
  for (const auto& [text, expected] : rows) {
    CAPTURE(text);
    CHECK(read_back(text) == expected);
  }
}

TEST_CASE("a bad rule has a reason") {
  for (const char* text :
       {"foo",   "-foo",  "- ",   "-",    "exclude",    "! ",   "!x",   "clear x",
        "H,s a", "Pr a",  "HC a", "-n a", "-w a",       "-e a", ":! a", ":-+ a",
        ":C- a", ":-C a", ":",    ".",    "include\ta", " - a", "c a"}) {
    CAPTURE(text);
    CHECK(read_back(text).substr(0, 5) == "bad: ");
  }
  CHECK(read_back("-q a") == "bad: 'q' is no modifier of this rule");
  CHECK(read_back("quit a") == "bad: no such rule");
  CHECK(read_back("-") == "bad: the pattern or file name is missing");
}

TEST_CASE("--include, --exclude and their files know two prefixes and the list's end") {
  Modifiers include;
  include.include = true;
  CHECK(read_back("foo", Grammar::old) == "- foo");
  CHECK(read_back("foo", Grammar::old, include) == "+ foo");
  CHECK(read_back("- foo", Grammar::old, include) == "- foo");
  CHECK(read_back("+ foo", Grammar::old) == "+ foo");
  CHECK(read_back("-_foo", Grammar::old) == "- -_foo");
  CHECK(read_back("!", Grammar::old) == "!");
  CHECK(read_back("! ", Grammar::old) == "- ! ");
  CHECK(read_back("!x", Grammar::old) == "- !x");
}

TEST_CASE("what a merge rule says holds for the rules of its file") {
  Modifiers plain;
  plain.plain = plain.include = true;
  CHECK(read_back("- foo", Grammar::rules, plain) == "+ - foo");
  CHECK(read_back("!", Grammar::rules, plain) == "+ !");
  plain.cvs = true;
  CHECK(read_back("!", Grammar::rules, plain) == "!");
  Modifiers sender;
  sender.side = toolkit::selection::Side::sender;
  sender.names_sides = true;
  CHECK(read_back("- foo", Grammar::rules, sender) == "-s foo");
  CHECK(read_back("P foo", Grammar::rules, sender).substr(0, 5) == "bad: ");
  Modifiers absolute;
  absolute.absolute = true;
  CHECK(read_back("- foo", Grammar::rules, absolute) == "-/ foo");
}
