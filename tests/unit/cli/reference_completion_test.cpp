// What the scripts say. What the shells make of it is tried in tests/labs/completions.
#include "reference_fixture.hpp"

#include <toolkit/cli/reference.hpp>

#include <doctest/doctest.h>

namespace toolkit::cli {
namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string script(std::string_view shell) {
  return completion_script(shell, fixture::commands()).value_or("");
}

}  // namespace

TEST_CASE("a shell without completions is a usage error that names those with them") {
  const auto none = completion_script("tcsh", fixture::commands());
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::usage);
  CHECK(none.error().message == "no completions for 'tcsh'");
  CHECK(none.error().remedy == "bash, zsh or fish");
}

TEST_CASE("no script has a placeholder left or a hidden command in it") {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    CAPTURE(std::string(shell));
    const std::string text = script(shell);
    CHECK(text.size() > 1000);
    for (const char* key :
         {"@COMMANDS@", "@VALUES@", "@SIGNALS@", "@CASES@", "@GENERAL@", "@COMPLETIONS@"}) {
      CHECK_FALSE(has(text, key));
    }
    CHECK_FALSE(has(text, "secret"));
  }
}

TEST_CASE("bash knows the kind of every value") {
  const std::string text = script("bash");
  CHECK(has(text, "\"act --output\")\n      takes=\"file\""));
  CHECK(has(text, "\"act --folder\")\n      takes=\"directory\""));
  CHECK(has(text, "\"act --pause\")\n      takes=\"none\""));
  CHECK(has(text, "\"act --mode\")\n      takes=\"words fast safe\""));
  CHECK(has(text, "\"act --signal\")\n      takes=\"signal\""));
  CHECK(has(text, "\"act --swap\")\n      takes=\"signal=\""));
  CHECK(has(text, "\"act --user\")\n      takes=\"user\""));
  CHECK(has(text, "\"act --hook\")\n      takes=\"command\""));
  CHECK_FALSE(has(text, "act --dry-run"));
  CHECK(has(text, "operands=\"words act pick help\""));
  CHECK(has(text, "operands=\"words red blue\""));
}

TEST_CASE("bash looks at a command's own option before the general one of that name") {
  const std::string text = script("bash");
  CHECK(text.find("\"act --log-format\"") < text.find("*\" --log-format\""));
}

TEST_CASE("zsh gets descriptions with brackets, colons and quotes escaped") {
  const std::string text = script("zsh");
  CHECK(has(text, "'(-n --dry-run)'{-n,--dry-run}'[Say what would be done]'"));
  CHECK(has(text, "'(--output)--output=[Write there; it'\\''s made when missing]:FILE:_files'"));
  CHECK(has(text, "[Work in \\[DIR\\]\\: anywhere]:DIR:_directories'"));
  CHECK(has(text, "'*--swap=[Take one signal for another]:FROM=TO: _toolkit_signal ='"));
  CHECK(has(text, ":UID\\[\\:GID\\]: _toolkit_user'"));
  CHECK(has(text, "'1: :(red blue)'"));
}

TEST_CASE("fish gets one line an option") {
  const std::string text = script("fish");
  CHECK(has(text, "-n '__toolkit_at act' -s n -l dry-run -d 'Say what would be done'\n"));
  CHECK(has(text, "-l output -rF -d 'Write there; it\\'s made when missing'\n"));
  CHECK(has(text, "-l pause -x -d 'Wait this long'\n"));
  CHECK(has(text, "-l mode -x -a 'fast safe' -d"));
  CHECK(has(text, "-l swap -x -a '(__toolkit_signals =)' -d"));
  CHECK(has(text, "-n '__toolkit_at pick 0' -a 'red blue'\n"));
}

}  // namespace toolkit::cli
