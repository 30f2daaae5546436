#include <toolkit/environment/env_file.hpp>

#include <doctest/doctest.h>
#include <tests/support/process.hpp>

#include <map>
#include <random>

using toolkit::ErrorKind;
using toolkit::environment::Assignment;
using toolkit::environment::parse_assignment;
using toolkit::environment::parse_env_file;

namespace {

std::vector<Assignment> parsed(std::string_view text) {
  const auto result = parse_env_file(text, "f.env");
  REQUIRE_MESSAGE(result, (result ? "" : result.error().message));
  return *result;
}

std::string value_of(std::string_view text) {
  const auto assignments = parsed(text);
  REQUIRE(assignments.size() == 1);
  return assignments[0].second;
}

std::string complaint(std::string_view text) {
  const auto result = parse_env_file(text, "f.env");
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::usage);
  CHECK_FALSE(result.error().remedy.empty());
  return result.error().message;
}

}  // namespace

TEST_CASE("an assignment is cut at the first equals sign and its value is taken as it is") {
  const auto good = parse_assignment("A_1= \"b\" = c ");
  REQUIRE(good);
  CHECK(*good == Assignment("A_1", " \"b\" = c "));
  CHECK(*parse_assignment("A=") == Assignment("A", ""));
}

TEST_CASE("an assignment without an equals sign assigns nothing") {
  const auto inherited = parse_assignment("HOME");
  REQUIRE(inherited);
  CHECK_FALSE(inherited->has_value());
}

TEST_CASE("an assignment needs a variable name") {
  for (const char* bad : {"", "=x", "1A=x", "A-B=x", "A B=x", "A\n=x", "\xC3\xA9=x"}) {
    CAPTURE(bad);
    const auto result = parse_assignment(bad);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::usage);
  }
}

TEST_CASE("a NUL byte is refused and the value is not shown") {
  const auto result = parse_assignment(std::string_view("A=secret\0x", 10));
  REQUIRE_FALSE(result);
  CHECK(result.error().message.find("secret") == std::string::npos);
}

TEST_CASE("blank lines and comments are skipped") {
  CHECK(parsed("\n  \n# a comment\n  # another = one\n\t\n").empty());
  CHECK(parsed("").empty());
}

TEST_CASE("bare values are taken to the end of the line") {
  struct Case {
    const char *text, *value;
  };
  for (const Case& item : {Case{"A=b", "b"},
                           {"A=b # not a comment", "b # not a comment"},
                           {"  A=  b c  ", "b c"},
                           {"A=", ""},
                           {"A=it's", "it's"},
                           {"A={\"k\": 1}", "{\"k\": 1}"},
                           {"A=a\\nb", "a\\nb"},
                           {"A=$HOME", "$HOME"},
                           {"A=b=c", "b=c"},
                           {"export A=b", "b"},
                           {"export\tA=b", "b"},
                           {"A=b\r\n", "b"},
                           {"\xEF\xBB\xBF"
                            "A=b",
                            "b"},
                           {"A=\xC3\xA9\xFF", "\xC3\xA9\xFF"}}) {
    CAPTURE(item.text);
    CHECK(value_of(item.text) == item.value);
  }
}

TEST_CASE("quotes keep blanks, hashes and line breaks") {
  struct Case {
    const char *text, *value;
  };
  for (const Case& item : {Case{"A='b # c '", "b # c "},
                           {"A='a\\nb'", "a\\nb"},
                           {"A=''", ""},
                           {"A=\"\"", ""},
                           {"A=\"a\\nb\\tc\"", "a\nb\tc"},
                           {"A=\"\\\"\\\\\\$\\`\"", "\"\\$`"},
                           {"A=\"\\d\"", "\\d"},
                           {"A=\"one\ntwo\"", "one\ntwo"},
                           {"A='one\r\ntwo'\r\n", "one\ntwo"},
                           {"A=\"one\\\ntwo\"", "onetwo"},
                           {"A=\"one\\\r\ntwo\"", "onetwo"},
                           {"A='b' # comment", "b"},
                           {"A= \"b\"  ", "b"},
                           {"A=\"it's\"", "it's"},
                           {"A=\"$HOME\"", "$HOME"}}) {
    CAPTURE(item.text);
    CHECK(value_of(item.text) == item.value);
  }
}

TEST_CASE("a name alone assigns nothing") {
  CHECK(parsed("A=1\nHOME\nexport PATH\nB=2\n") == std::vector<Assignment>{{"A", "1"}, {"B", "2"}});
}

TEST_CASE("a variable called export can be set") {
  CHECK(parsed("export=1") == std::vector<Assignment>{{"export", "1"}});
}

TEST_CASE("every broken line is named with its number, in one error") {
  const std::string message =
      complaint("A=1\n9B=2\nC=\"open\nD=3\nE ='x'\nsome words\nF='x'y\nG='x'#y\n");
  CHECK(
      message ==
      "f.env has broken lines: line 2: '9B' is not a variable name; line 3: the value of C has no "
      "closing \"; "
      "line 5: a blank before =; line 6: not KEY=value; line 7: text after the closing quote of F; "
      "line 8: text after the closing quote of G");
}

TEST_CASE("lines inside quotes count") {
  CHECK(complaint("A='1\n2\n3'\nB=\"\\\n\"\n-=x\n") ==
        "f.env has broken lines: line 6: '-' is not a variable name");
}

TEST_CASE("no value is ever in an error") {
  const std::string message =
      complaint("A='hunter2\nB=\"hunter2\"hunter2\nhunter2 hunter2\nC C=hunter2\n");
  CHECK(message.find("hunter2") == std::string::npos);
}

TEST_CASE("a NUL byte breaks its line") {
  CHECK(complaint(std::string_view("A=1\nB=x\0y\n", 10)).find("line 2: a NUL byte") !=
        std::string::npos);
  CHECK(complaint(std::string_view("A='\nx\0y'\n", 9)).find("NUL byte in the value of A") !=
        std::string::npos);
}

TEST_CASE("a thousand broken lines make a short error") {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += "!=\n";
  }
  const std::string message = complaint(text);
  CHECK(message.ends_with("; and 980 more"));
  CHECK(message.size() < 1500);
}

TEST_CASE("bash reads the files that both understand in the same way") {
  using toolkit::support::run_program;
  std::mt19937 random(11);
  // Bare values without what a shell would act on; quoted ones without expansion and without \n and
  // \t, which a shell leaves alone.
  const std::string bare = "abcXYZ019_./:,%+@-";
  const std::string single = bare + " \t\n#\"\\$`;&|<>(){}*?![]~=";
  const std::vector<std::string> pieces{"a",   "Z",  " ",    "#",   "'", "\\\\", "\\\"", "\\$",
                                        "\\`", "\n", "\\\n", "\\x", ";", "~",    "*"};
  std::string text;
  for (int i = 0; i < 600; ++i) {
    text += (i % 7 == 0 ? "export V" : "V") + std::to_string(i) + "=";
    const int kind = i % 3;
    text += kind == 0 ? "" : kind == 1 ? "'" : "\"";
    for (std::size_t n = random() % 12; n > 0; --n) {
      text += kind == 0   ? std::string(1, bare[random() % bare.size()])
              : kind == 1 ? std::string(1, single[random() % single.size()])
                          : pieces[random() % pieces.size()];
    }
    text += kind == 0 ? "\n" : kind == 1 ? "'  # note\n" : "\"\n";
  }
  const toolkit::support::TempDir dir;
  const std::string path = dir.write("f.env", text);
  const auto outcome =
      run_program({"bash", "-c",
                   "set -a; . \"$1\"; for i in {0..599}; do v=V$i; printf '%s\\0' \"${!v}\"; done",
                   "bash", path});
  REQUIRE(outcome.exit_code == 0);
  const auto ours = parsed(text);
  REQUIRE(ours.size() == 600);
  std::string expected;
  for (const auto& [key, value] : ours) {
    expected += value + '\0';
  }
  CHECK(expected == outcome.out);
}

TEST_CASE("any bytes give assignments with good names or one error") {
  std::mt19937 random(3);
  const std::string alphabet("AB=='\"\\\n\r #\t\0n$x", 17);
  int good = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 24; n > 0; --n) {
      text += alphabet[random() % alphabet.size()];
    }
    const auto result = parse_env_file(text, "f");
    good += result ? 1 : 0;
    for (const auto& [key, value] : result.value_or(std::vector<Assignment>())) {
      REQUIRE(parse_assignment(key + "=" + value));
    }
  }
  CHECK(good > 1000);
}
