#include "src/cli/reference_roff.hpp"
#include "src/cli/reference_text.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/cli/reference.hpp>
#include <toolkit/job/record.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace toolkit::cli {

using namespace reference;

namespace {

/// Whether a line of the page sets the word in bold, alone or in a list of them.
bool explains(std::string_view page, std::string_view word) {
  for (const std::string_view line : split(page, '\n')) {
    for (const std::string& part : words_of(line.starts_with(".B") ? line : "")) {
      if (part == word) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

TEST_CASE("what is to be typed keeps its hyphens, quotes and backslashes in a man page") {
  CHECK(roff_literal("--a 'b' `c` \\ ~^") == "\\-\\-a \\(aqb\\(aq \\(gac\\(ga \\e \\(ti\\(ha");
  CHECK(roff_literal("[ARGS…]") == "[ARGS...]");
}

TEST_CASE("a word with a dot in front is no request") {
  CHECK(roff_literal(".bashrc") == "\\&.bashrc");
  CHECK(roff_prose("see .bashrc") == "see \\&.bashrc\n");
  CHECK(roff_prose("'twas") == "\\&'twas\n");
}

TEST_CASE("options and backticks in a sentence become bold") {
  CHECK(roff_prose("before --timeout, and after") == "before \\fB\\-\\-timeout\\fR, and after\n");
  CHECK(roff_prose("that `toolkit wait-x` reads") == "that \\fBtoolkit wait\\-x\\fR reads\n");
}

TEST_CASE("a sentence ends with one full stop") {
  CHECK(roff_sentence("Done") == "Done.\n");
  CHECK(roff_sentence("{name} {rank} …") == "{name} {rank} \\&...\n");
}

TEST_CASE("an unknown page names the nearest command") {
  const auto page = man_page("rum", all_commands());
  REQUIRE_FALSE(page);
  CHECK(page.error().kind == ErrorKind::usage);
  CHECK(page.error().message == "no man page for 'rum'");
  CHECK(page.error().remedy == "toolkit man run");
}

TEST_CASE("a command without a page points to its help") {
  const auto page = man_page("completion", all_commands());
  REQUIRE_FALSE(page);
  CHECK(page.error().remedy == "toolkit completion --help says it all");
}

TEST_CASE("the man pages have their sections in order and no placeholder left") {
  for (const char* name : {"", "run"}) {
    CAPTURE(std::string(name));
    const std::string page = man_page(name, all_commands()).value_or("");
    std::size_t last = 0;
    for (const char* section : {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT",
                                "FILES", "\"EXIT STATUS\"", "EXAMPLES", "\"SEE ALSO\""}) {
      const std::string heading = std::string("\n.SH ") + section + "\n";
      CAPTURE(heading);
      const auto at = page.find(heading);
      REQUIRE(at != std::string::npos);
      CHECK(at > last);
      last = at;
    }
    for (const char* key : {"@SYNOPSIS@", "@OPTIONS@", "@COMMANDS@", "@ENVIRONMENT@",
                            "@EXIT_STATUS@", "@EXAMPLES@"}) {
      CHECK(page.find(key) == std::string::npos);
    }
  }
}

TEST_CASE("the man page of run explains every key of the job record") {
  const std::string page = man_page("run", all_commands()).value_or("");
  const auto record = nlohmann::json::parse(job::to_json(job::Record{}));
  for (const auto& [key, value] : record.items()) {
    CAPTURE(key);
    CHECK(explains(page, key));
    if (value.is_object()) {
      for (const auto& [inner, ignored] : value.items()) {
        CAPTURE(inner);
        CHECK(explains(page, inner));
      }
    }
  }
}

}  // namespace toolkit::cli
