// Everything that can be mistyped: the words, and the carets under what is wrong.
#include <toolkit/condition/condition.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace toolkit::condition;

namespace {

struct Case {
  std::string operand;
  std::string carets;  // under the operand
  std::string message;
  std::string remedy;  // a part of it
};

std::string carets_of(const Mistake& mistake) {
  return std::string(mistake.offset, ' ') + std::string(mistake.length, '^');
}

Mistake mistake_of(const std::vector<std::string>& operands) {
  const auto tree = parse(operands);
  REQUIRE_FALSE(tree.has_value());
  return tree.error();
}

void check(const Case& bad) {
  CAPTURE(bad.operand);
  const Mistake mistake = mistake_of({"job:first", bad.operand});
  CHECK(mistake.operand == 1);
  CHECK(mistake.message == bad.message);
  CHECK(carets_of(mistake) == bad.carets);
  CHECK(mistake.remedy.find(bad.remedy) != std::string::npos);
  CHECK_FALSE(mistake.remedy.empty());
}

}  // namespace

TEST_CASE("a word that names no scheme suggests one") {
  const std::array cases{
      Case{"/data/ready", "^^^^^^^^^^^", "'/data/ready' is not a condition",
           "did you mean file:/data/ready?"},
      Case{"data/x y", "^^^^^^", "'data/x' is not a condition", "did you mean file:data/x?"},
      Case{"./x", "^^^", "'./x' is not a condition", "did you mean file:./x?"},
      Case{"10.0.0.1:5432", "^^^^^^^^^^^^^", "'10.0.0.1:5432' is not a condition",
           "did you mean tcp://10.0.0.1:5432?"},
      Case{"db.local:80", "^^^^^^^^^^^", "'db.local:80' is not a condition",
           "did you mean tcp://db.local:80?"},
      Case{"[::1]:80", "^^^^^^^^", "'[::1]:80' is not a condition", "did you mean tcp://[::1]:80?"},
      Case{":8080", "^^^^^", "':8080' is not a condition", "port-free:8080"},
      Case{"4242", "^^^^", "'4242' is not a condition", "did you mean pid:4242?"},
      Case{"train", "^^^^^", "'train' is not a condition", "did you mean job:train?"},
      Case{"  train", "  ^^^^^", "'train' is not a condition", "did you mean job:train?"},
      Case{"a=b", "^^^", "'a=b' is not a condition", "SCHEME:TARGET"},
      Case{"@x", "^^", "'@x' is not a condition", "SCHEME:TARGET"},
      Case{"or", "^^", "'or' is not a condition", "write any("},
      Case{"AND", "^^^", "'AND' is not a condition", "write all("},
      Case{"&&", "^^", "'&&' is not a condition", "write all("},
      Case{"||", "^^", "'||' is not a condition", "write any("},
      Case{"or", "^^", "'or' is not a condition", "write any("},
      Case{"!file:/x", "^^^^^^^^", "'!file:/x' is not a condition", "the word not"},
      Case{"'file:/a b'", "^^^^^^^^", "''file:/a' is not a condition", "behind the colon"},
      Case{"\"tcp:a:1\"", "^^^^^^^^^", "'\"tcp:a:1\"' is not a condition", "behind the colon"},
      Case{")", "^", "')' is not a condition", "opening one"},
      Case{",", "^", "',' is not a condition", "SCHEME:TARGET"},
      Case{"(tcp:a:1)", "^^^^^^^^^", "'(tcp:a:1)' is not a condition", "SCHEME:TARGET"},
      Case{"all(train, tcp:a:1)", "    ^^^^^", "'train' is not a condition",
           "did you mean job:train?"},
      Case{"größe", "^^^^^^^", "'gr\\xc3\\xb6\\xc3\\x9fe' is not a condition", "SCHEME:TARGET"},
  };
  for (const Case& bad : cases) {
    check(bad);
  }
}

TEST_CASE("all, any, not and for want brackets, and brackets want them") {
  const std::array cases{
      Case{"all", "^^^", "'all' is not a condition", "all(CONDITION)"},
      Case{"for", "^^^", "'for' is not a condition", "for(10s, CONDITION)"},
      Case{"not file:/x", "^^^", "'not' is not a condition", "not(CONDITION)"},
      Case{"any file:/x", "^^^", "'any' is not a condition", "any(CONDITION)"},
      Case{"al(file:/x)", "^^", "'al' is not all, any, not or for", "did you mean all(...)?"},
      Case{"ALL(file:/x)", "^^^", "'ALL' is not all, any, not or for", "did you mean all(...)?"},
      Case{"or(file:/x)", "^^", "'or' is not all, any, not or for", "did you mean any(...)?"},
      Case{"And(file:/x)", "^^^", "'And' is not all, any, not or for", "did you mean all(...)?"},
      Case{"exists(/x)", "^^^^^^", "'exists' is not all, any, not or for", "brackets follow"},
      Case{"all(xor(a:b))", "    ^^^", "'xor' is not all, any, not or for", "did you mean for"},
  };
  for (const Case& bad : cases) {
    check(bad);
  }
}

TEST_CASE("brackets and commas are where they belong") {
  const std::array cases{
      Case{"all(", "   ^", "this bracket is not closed", "close it"},
      Case{"all (", "    ^", "this bracket is not closed", "close it"},
      Case{"all(tcp:a:1", "   ^", "this bracket is not closed", "close it"},
      Case{"all(tcp:a:1,", "   ^", "this bracket is not closed", "close it"},
      Case{"all(any(tcp:a:1)", "   ^", "this bracket is not closed", "close it"},
      Case{"all(any(tcp:a:1", "       ^", "this bracket is not closed", "close it"},
      Case{"all(http://h/(1, tcp:a:1)", "             ^", "this bracket is not closed",
           "in quotes"},
      Case{"all(exec:echo (, tcp:a:1", "              ^", "this bracket is not closed",
           "in quotes"},
      Case{"all(exec:echo (, tcp:a:1)", "   ^", "this bracket is not closed", "close it"},
      Case{"all()", "    ^", "a condition is missing here", "write one"},
      Case{"all( , job:a)", "     ^", "a condition is missing here", "comma out"},
      Case{"all(job:a,)", "          ^", "a condition is missing here", "comma out"},
      Case{"all(job:a,,job:b)", "          ^", "a condition is missing here", "comma out"},
      Case{"not()", "    ^", "a condition is missing here", "write one"},
      Case{"not(job:a, job:b)", "         ^", "a second condition where only one may stand",
           "all(...)"},
      Case{"for(1s, job:a, job:b)", "             ^", "a second condition where only one may stand",
           "any(...)"},
      Case{"all(any(job:a) job:b)", "               ^^^^^", "no comma before 'job:b'", "a comma"},
      Case{"all(job:a))", "          ^", "')' stands behind the end", "opening one"},
      Case{"all(job:a) job:b", "           ^^^^^", "'job:b' stands behind the end",
           "operand of its own"},
      Case{"not(job:a),job:b", "          ^^^^^^", "',job:b' stands behind the end",
           "operand of its own"},
  };
  for (const Case& bad : cases) {
    check(bad);
  }
}

TEST_CASE("for begins with a duration") {
  const std::array cases{
      Case{"for()", "   ^", "'' is not a duration", "for(10s, tcp://db:5432)"},
      Case{"for(,job:a)", "   ^", "'' is not a duration", "for(10s, tcp://db:5432)"},
      Case{"for(10s)", "    ^^^", "for() has a duration and no condition", "for(10s, "},
      Case{"for(10s job:a)", "    ^^^", "for() has a duration and no condition", "for(10s, "},
      Case{"for(10s,)", "        ^", "a condition is missing here", "write one"},
      Case{"for(soon, job:a)", "    ^^^^", "'soon' is not a duration", "500ms"},
      Case{"for(-1s, job:a)", "    ^^^", "'-1s' is not a duration", "500ms"},
      Case{"for(10 s, job:a)", "    ^^", "for() has a duration and no condition", "for(10s, "},
      Case{"for(99999d, job:a)", "    ^^^^^^", "'99999d' is not a duration", "at most ten years"},
      Case{"for(job:a, 10s)", "    ^^^^^", "'job:a' is not a duration", "for(DURATION, "},
      Case{"for('10s, job:a)", "    ^", "this quote is not closed", "close it"},
  };
  for (const Case& bad : cases) {
    check(bad);
  }
}

TEST_CASE("a leaf has a target, and parameters with key, operator and value") {
  const std::array cases{
      Case{"tcp:", "^^^^", "tcp: has no target", "right behind the colon"},
      Case{"tcp: //db:1", "^^^^", "tcp: has no target", "right behind the colon"},
      Case{"all(job:a, file:)", "           ^^^^^", "file: has no target", "right behind"},
      Case{"file:''", "^^^^^", "file: has no target", "right behind the colon"},
      Case{"exec:  ", "^^^^^", "exec: has no target", "right behind the colon"},
      Case{"any(exec:, log: )", "    ^^^^^", "exec: has no target", "right behind the colon"},
      Case{"file:/my data", "         ^^^^", "'data' is not KEY=VALUE", "a blank in a target"},
      Case{"tcp:a:1 tcp:b:1", "        ^^^^^^^", "'tcp:b:1' is not KEY=VALUE",
           "operand of its own"},
      Case{"tcp:a:1, tcp:b:1", "         ^^^^^^^", "'tcp:b:1' is not KEY=VALUE",
           "operand of its own"},
      Case{"all(tcp:a:1 tcp:b:1)", "            ^^^^^^^", "'tcp:b:1' is not KEY=VALUE",
           "put a comma"},
      Case{"tcp:a:1 http://h/?a=b", "        ^^^^^^^^^^^", "'http://h/?a' is not KEY=VALUE",
           "operand of its own"},
      Case{"tcp:a:1 or tcp:b:1", "        ^^", "'or' is not KEY=VALUE", "write any("},
      Case{"tcp:a:1 && tcp:b:1", "        ^^", "'&&' is not KEY=VALUE", "write all("},
      Case{"http://h/ =200", "          ^", "a parameter without a key", "KEY=VALUE"},
      Case{"http://h/ ''=200", "          ^^", "a parameter without a key", "KEY=VALUE"},
      Case{"http://h/ status=", "          ^^^^^^^", "'status' has no value", "'' for an empty"},
      Case{"http://h/ status = ", "          ^^^^^^^^", "'status' has no value", "'' for an empty"},
      Case{"all(http://h/ status=, job:a)", "              ^^^^^^^", "'status' has no value",
           "'' for an empty"},
      Case{"http://h/ status==200", "                ^^", "'==' is not an operator",
           "= != ~ < <= > >="},
      Case{"http://h/ body=~x", "              ^^", "'=~' is not an operator", "quotes around"},
      Case{"http://h/ body~=x", "              ^^", "'~=' is not an operator", "quotes around"},
      Case{"http://h/ body!~x", "              ^^", "'!~' is not an operator", "= != ~"},
      Case{"file:/x size=>1", "            ^^", "'=>' is not an operator", ">="},
      Case{"file:/x size<>1", "            ^^", "'<>' is not an operator", "!="},
      Case{"file:/x size!1", "            ^", "'!' is not an operator", "!="},
      Case{"http://h/ body~'a b", "               ^", "this quote is not closed", "close it"},
      Case{"http://h/ body~it's", "                 ^", "this quote is not closed", "\\'"},
      Case{"file:\"/a\\\"", "     ^", "this quote is not closed", "close it"},
      Case{"all(exec:it's, job:a)", "           ^", "this quote is not closed", "close it"},
  };
  for (const Case& bad : cases) {
    check(bad);
  }
}

TEST_CASE("an empty condition is most often an unset variable") {
  for (const std::string empty : {"", " ", " \t\n"}) {
    const Mistake mistake = mistake_of({empty});
    CHECK(mistake.message == "an empty condition");
    CHECK(mistake.offset == 0);
    CHECK(mistake.length == std::max<std::size_t>(empty.size(), 1));
    CHECK(mistake.remedy.find("variable") != std::string::npos);
  }
}

TEST_CASE("no condition at all is a mistake of no operand") {
  const Mistake mistake = mistake_of({});
  CHECK(mistake.message == "no condition to wait for");
  CHECK(mistake.operand == 0);
}

TEST_CASE("not wants a condition as the next operand") {
  const Mistake mistake = mistake_of({"job:a", "not", "not"});
  CHECK(mistake.message == "'not' with nothing behind it");
  CHECK(mistake.operand == 2);
  CHECK(carets_of(mistake) == "^^^");
}

TEST_CASE("the hundred and first level is refused where it begins") {
  std::string operand;
  for (int i = 0; i < 101; ++i) {
    operand += "any(";
  }
  const Mistake brackets = mistake_of({operand});
  CHECK(brackets.message == "conditions are nested more than 100 deep");
  CHECK(brackets.offset == 400);
  CHECK(brackets.length == 3);

  std::vector<std::string> words(101, "not");
  words.emplace_back("job:a");
  CHECK(mistake_of(words).message == "conditions are nested more than 100 deep");
  CHECK(mistake_of(words).operand == 100);

  words.assign(100, "not");
  words.emplace_back("job:a");
  CHECK(parse(words).has_value());

  words.assign(60, "not");
  words.push_back(operand);
  CHECK(mistake_of(words).offset == 160);
}

TEST_CASE("a message is one short line that shows no password") {
  const std::string long_word(5'000, 'x');
  CHECK(mistake_of({"a@" + long_word}).message.size() < 100);
  const Mistake two_lines =
      mistake_of({"file:/x a\x1b\x01"
                  "b"});
  CHECK(two_lines.message == "'a\\x1b\\x01b' is not KEY=VALUE");
  const Mistake secret = mistake_of({"tcp:a:1 redis://u:hunter2@h/0"});
  CHECK(secret.message == "'redis://u:***@h/0' is not KEY=VALUE");
}

TEST_CASE("a NUL byte is refused") {
  const Mistake mistake = mistake_of({std::string("file:/a\0b", 9)});
  CHECK(mistake.message == "a NUL byte in a condition");
  CHECK(mistake.offset == 7);
}
