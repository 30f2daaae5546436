#include "fake_probe.hpp"

#include <toolkit/waiting/report.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using toolkit::waiting::describe;
using toolkit::waiting::Ending;
using toolkit::waiting::LeafReport;
using toolkit::waiting::progress_line;
using toolkit::waiting::Report;
using toolkit::waiting::to_json;
using namespace toolkit::waiting::test;
using Lines = std::vector<std::string>;

namespace {

LeafReport of(std::string text, Finding finding, int attempts = 1, double age = 0) {
  return {std::move(text), std::move(finding), attempts, true, false, age};
}

Report timed_out() {
  Report report;
  report.ending = Ending::timed_out;
  report.exit_code = 124;
  report.seconds = 30;
  report.leaves = {of("tcp://db:5432", refused(), 12, 0.4), of("file:/data/ready", met())};
  report.missing = {0};
  return report;
}

}  // namespace

TEST_CASE("a timeout names what was missing, why, and how often it was tried") {
  CHECK(describe(timed_out()) ==
        Lines{"timed out after 30.00s: 1 of 2 ready",
              "tcp://db:5432: connection refused (12 tries, last 0.4s ago)"});
}

TEST_CASE("each ending has its summary") {
  Report report;
  report.seconds = 1.5;
  CHECK(describe(report) == Lines{"met after 1.50s"});
  report.ending = Ending::impossible;
  CHECK(describe(report) == Lines{"cannot be met any more, known after 1.50s"});
  report.ending = Ending::unknown;
  CHECK(describe(report) == Lines{"cannot tell, known after 1.50s"});
  report.ending = Ending::lost;
  CHECK(describe(report) == Lines{"lost after 1.50s: the supervisor of a job died without a word"});
  report.ending = Ending::interrupted;
  report.signal = 15;
  CHECK(describe(report) == Lines{"interrupted by SIGTERM after 1.50s: 0 of 0 ready"});
  report.ending = Ending::over;
  report.exit_code = 3;
  report.leaves = {of("job:train", over(3))};
  CHECK(describe(report) == Lines{"over after 1.50s, exit code 3", "job:train: exited 3"});
}

TEST_CASE("a missing leaf always has a reason") {
  Report report = timed_out();
  report.missing = {0, 1, 2, 3};
  report.leaves[0].finding.words.clear();
  LeafReport negated = of("file:/lock", met(), 1, 75);
  negated.negated = true;
  report.leaves.push_back(negated);
  report.leaves.push_back({"dns:late", {}, 1, false, false, 0});
  const Lines lines = describe(report);
  REQUIRE(lines.size() == 5);
  CHECK(lines[1] == "tcp://db:5432: refused (12 tries, last 0.4s ago)");
  CHECK(lines[2] == "file:/data/ready: ready, but not for long enough (1 try, last 0.0s ago)");
  CHECK(lines[3] == "file:/lock: is so, and must not be (1 try, last 1m 15s ago)");
  CHECK(lines[4] == "dns:late: no answer yet (1 try)");
}

TEST_CASE("the progress line counts and names at most three") {
  std::vector<LeafReport> leaves{of("file:/a", met()), of("tcp://db:5432", refused())};
  CHECK(progress_line(leaves, 12.9) ==
        "waiting 12s: 1 of 2 ready; tcp://db:5432: connection refused");
  for (const char* text : {"b:", "c:", "d:"}) {
    leaves.push_back(of(text, refused()));
  }
  CHECK(progress_line(leaves, 125) ==
        "waiting 2m 05s: 1 of 5 ready; tcp://db:5432: connection refused; b:: connection refused; "
        "c:: connection refused");
  CHECK(progress_line({}, 0) == "waiting 0s: 0 of 0 ready");
}

TEST_CASE("a leaf under a not is ready when it has answered and is not met") {
  LeafReport negated = of("file:/lock", refused());
  negated.negated = true;
  CHECK(progress_line({negated}, 1) == "waiting 1s: 1 of 1 ready");
  negated.answered = false;
  CHECK(progress_line({negated}, 1) == "waiting 1s: 0 of 1 ready; file:/lock: no answer yet");
}

TEST_CASE("credentials and control characters are not shown") {
  Report report = timed_out();
  report.leaves[0].text = "postgres://me:hunter2@db/x";
  report.leaves[0].finding.words = "banner \x1b[31m of\nhttp://u:pw@h/ and TOKEN=abc";
  const std::string line = describe(report)[1];
  CHECK(line ==
        "postgres://me:***@db/x: banner  [31m of http://u:***@h/ and TOKEN=*** "
        "(12 tries, last 0.4s ago)");
  CHECK(to_json(report).find("hunter2") == std::string::npos);
  CHECK(progress_line(report.leaves, 1).find("hunter2") == std::string::npos);
}

TEST_CASE("the JSON has every key, with null for what is not known") {
  Report report = timed_out();
  report.leaves.push_back({"dns:late", {}, 1, false, false, 0});
  report.leaves.push_back(of("job:train", over(3), 1, 0.25));
  const auto json = nlohmann::json::parse(to_json(report));
  CHECK(json["schema"] == "toolkit.wait/1");
  CHECK(json["ending"] == "timed_out");
  CHECK(json["exit_code"] == 124);
  CHECK(json["signal"].is_null());
  CHECK(json["seconds"] == 30.0);
  REQUIRE(json["conditions"].size() == 4);
  const auto expected = nlohmann::json::parse(
      R"({"text": "tcp://db:5432", "met": false, "final": false, "missing": true,
          "reason": "refused", "words": "connection refused", "exit_code": null,
          "attempts": 12, "age_seconds": 0.4})");
  CHECK(json["conditions"][0] == expected);
  CHECK(json["conditions"][1]["reason"] == "none");
  CHECK(json["conditions"][1]["missing"] == false);
  CHECK(json["conditions"][2]["reason"].is_null());
  CHECK(json["conditions"][2]["age_seconds"].is_null());
  CHECK(json["conditions"][3]["exit_code"] == 3);
  CHECK(json["conditions"][3]["final"] == true);
}
