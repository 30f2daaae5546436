#include "reference_fixture.hpp"
#include "src/cli/reference_text.hpp"

#include <toolkit/cli/reference.hpp>

#include <doctest/doctest.h>

namespace toolkit::cli {
namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

const std::string kHelp = command_help(fixture::commands()[0]);

}  // namespace

TEST_CASE("help begins with the usage and a paragraph wrapped to the width") {
  CHECK(kHelp.starts_with(
      "Usage: toolkit act [options] -- COMMAND [ARGS…]\n\nActs on a child command"));
  CHECK(has(kHelp, "more than one line of eighty columns\nto say.\n"));
}

TEST_CASE("help shows examples as lines that can be pasted") {
  CHECK(has(kHelp, "\nExamples:\n  Act with care\n    toolkit act --mode safe -- make\n"));
}

TEST_CASE("help groups options in table order, the general ones last") {
  const auto first = kHelp.find("\nFirst:\n");
  const auto second = kHelp.find("\nSecond:\n");
  const auto general = kHelp.find("\nGeneral:\n");
  REQUIRE(general != std::string::npos);
  CHECK(first < kHelp.find("--dry-run"));
  CHECK(kHelp.find("--dry-run") < kHelp.find("--pause"));
  CHECK(kHelp.find("--pause") < second);
  CHECK(second < kHelp.find("--folder"));
  CHECK(second < general);
  CHECK(general < kHelp.find("--config"));
}

TEST_CASE("help says the default, the choices, the variable, and what may be repeated") {
  CHECK(has(command_help(fixture::commands()[0], 100),
            "Wait this long [default: 30s] [env: TOOLKIT_ACT_PAUSE]\n"));
  CHECK(has(kHelp, "[one of: fast, safe] [default: fast]"));
  CHECK(has(kHelp, "[repeatable]"));
  CHECK(has(kHelp, "  -n, --dry-run "));
  CHECK(has(kHelp, "      --user UID[:GID] "));
}

TEST_CASE("help has one --log-format when the command replaces the general one") {
  CHECK(kHelp.find("--log-format") == kHelp.rfind("--log-format"));
  CHECK(has(kHelp, "Form of the log [one of: a, b]"));
}

TEST_CASE("--help has no variable, since only a command line can ask for it") {
  CHECK_FALSE(has(kHelp, "TOOLKIT_ACT_HELP"));
}

TEST_CASE("help lists the exit codes aligned") {
  CHECK(has(kHelp, "\nExit codes:\n  0      Done\n  128+N  Ended by signal N\n"));
}

TEST_CASE("help stays within the width that it is given") {
  for (const int columns : {60, 80, 120}) {
    std::size_t start = 0;
    const std::string help = command_help(fixture::commands()[0], columns);
    for (std::size_t end = help.find('\n'); end != std::string::npos;
         end = help.find('\n', start)) {
      const std::string line = help.substr(start, end - start);
      CAPTURE(line);
      CHECK(reference::width(line) <= static_cast<std::size_t>(columns));
      start = end + 1;
    }
  }
}

TEST_CASE("the short help lists the commands in groups and hides those without one") {
  const std::string help = short_help(fixture::commands());
  CHECK(has(help, "\nJobs:\n  act   Act on a child\n\nSetup:\n  pick  Pick a colour\n"));
  CHECK(has(help, "    toolkit act --mode safe -- make\n"));
  CHECK_FALSE(has(help, "secret"));
}

}  // namespace toolkit::cli
