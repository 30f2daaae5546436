// Every capture of a broken place, replayed: one cause, its owner, and nothing else in its way.
#include "env_run.hpp"

#include <nlohmann/json.hpp>
#include <tests/support/gpu_fixtures.hpp>

#include <set>

using namespace toolkit::support;

namespace {

using Json = nlohmann::json;

Outcome check_gpu(const Words& options) { return run_clean({}, Words{"check-gpu"} + options); }

Json answer_of(const Words& options) {
  const Outcome outcome = check_gpu(Words{"--json"} + options);
  CHECK(outcome.err.empty());
  return Json::parse(outcome.out, nullptr, false);
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : ""; }

// What two answers must have in common when names and serial numbers are other ones.
Json bare(const Json& findings) {
  Json list = Json::array();
  for (const Json& finding : findings) {
    list.push_back({finding["id"], finding["variant"], finding["status"], finding["primary"],
                    finding["scope"], finding["owner"], finding["blocked_by"]});
  }
  return list;
}

void check_answer(const GpuFixture& fixture, const Json& answer) {
  CHECK(answer["exit_code"] == fixture.exit_code);
  CHECK(text_of(answer["primary"]) == fixture.id);
  int primaries = 0;
  for (const Json& finding : answer["findings"]) {
    CHECK(!contains(finding.dump(), "Unknown Error"));
    if (finding["primary"] == true) {
      ++primaries;
      CHECK(text_of(finding["id"]) == fixture.id);
      CHECK(text_of(finding["variant"]) == fixture.variant);
      CHECK(text_of(finding["owner"]) == fixture.owner);
      CHECK(!text_of(finding["remedy"]).empty());
      CHECK(!text_of(finding["cause"]).empty());
      CHECK(!finding["evidence"].empty());
    }
  }
  CHECK(primaries == (fixture.id.empty() ? 0 : 1));
}

}  // namespace

TEST_CASE("check-gpu: each capture has one primary finding, with its owner's exit code") {
  for (const GpuFixture& fixture : gpu_fixtures()) {
    CAPTURE(fixture.name);
    const Words options = Words{"--replay", fixture.path} + fixture.options;
    const Outcome outcome = check_gpu(Words{"--json"} + options);
    CHECK(outcome.exit_code == fixture.exit_code);
    CHECK(outcome.err.empty());
    check_answer(fixture, Json::parse(outcome.out, nullptr, false));
  }
}

TEST_CASE("check-gpu: a capture that is written again is judged the same, byte for byte") {
  for (const GpuFixture& fixture : gpu_fixtures()) {
    CAPTURE(fixture.name);
    const TempDir d;
    const Words first = Words{"--json", "--replay", fixture.path} + fixture.options;
    const Outcome once = check_gpu(first + Words{"--capture", d / "again.json"});
    const Outcome twice =
        check_gpu(Words{"--json", "--replay", d / "again.json"} + fixture.options);
    CHECK(once.out == twice.out);
    CHECK(once.exit_code == twice.exit_code);
  }
}

TEST_CASE("check-gpu: without names and serial numbers the findings are the same") {
  for (const GpuFixture& fixture : gpu_fixtures()) {
    CAPTURE(fixture.name);
    const Words options = Words{"--replay", fixture.path} + fixture.options;
    CHECK(bare(answer_of(options)["findings"]) ==
          bare(answer_of(options + Words{"--redact"})["findings"]));
  }
}

TEST_CASE("check-gpu: every capture is expected, and no name comes twice") {
  CHECK(unexpected_gpu_fixtures() == Words{});
  std::set<std::string> names;
  for (const GpuFixture& fixture : gpu_fixtures()) {
    CHECK(names.insert(fixture.name).second);
    CHECK(file_exists(fixture.path));
  }
  CHECK(names.size() >= 5);
}
