// The rules as a whole over the captures of tests/fixtures/gpu, and over what is left of them when
// somebody has meddled.
#include <toolkit/diagnosis/words.hpp>
#include <toolkit/gpu/facts_json.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <tests/support/gpu_fixtures.hpp>
#include <tests/support/temp_dir.hpp>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

using namespace toolkit::diagnosis;
using toolkit::support::gpu_fixtures;
using toolkit::support::GpuFixture;

namespace {

using Json = nlohmann::ordered_json;

bool needs(const Rule& rule, std::string_view id) {
  return std::ranges::find(rule.needs, id) != rule.needs.end();
}

void check_verdict(const Verdict& verdict) {
  std::size_t primaries = 0;
  for (const Finding& finding : verdict.findings) {
    CAPTURE(finding.id);
    CAPTURE(finding.cause);
    primaries += finding.primary ? 1 : 0;
    CHECK(!finding.cause.empty());
    const bool acts = finding.status == Status::fail || finding.status == Status::warn;
    CHECK(acts == (finding.owner != Owner::none));
    if (acts) {
      // --explain names whoever a finding of the rule may name.
      const std::string owner = std::string(owner_name(finding.owner)) + ": ";
      CAPTURE(owner);
      CHECK(("|" + std::string(who_acts(finding.id))).find("|" + owner) != std::string::npos);
    }
    CHECK(acts == !finding.remedy.empty());
    CHECK((finding.blocked_by.empty() || finding.status == Status::skip));
    CHECK((!finding.primary || acts));
  }
  const Counts counts = count(verdict);
  CHECK(primaries == (counts.fail + counts.warn > 0 ? 1 : 0));
  CHECK((counts.fail == 0 || verdict.primary()->status == Status::fail));
}

// What needs a rule that failed says nothing but pass where that failure reaches.
void check_chain(const Verdict& verdict) {
  for (const Finding& failed : verdict.findings) {
    if (failed.status != Status::fail) {
      continue;
    }
    for (const Rule& rule : all_rules()) {
      for (const Finding& finding : verdict.findings) {
        const bool reached = failed.scope.empty() || failed.scope == finding.scope;
        if (finding.id == rule.id && needs(rule, failed.id) && reached) {
          CAPTURE(failed.id);
          CAPTURE(finding.id);
          CHECK((!finding.blocked_by.empty() || finding.status == Status::pass));
        }
      }
    }
  }
}

// Changes some places of a tree: other values, none, too many, of a wrong kind.
class Meddler {
 public:
  explicit Meddler(std::uint32_t seed) : random_(seed) {}

  void meddle(Json& json) {
    std::vector<Json*> places;
    gather(json, places);
    for (std::size_t count = 1 + random_() % 6; count > 0; --count) {
      change(*places[random_() % places.size()]);
      places.clear();
      gather(json, places);
    }
  }

 private:
  void gather(Json& json, std::vector<Json*>& places) {
    places.push_back(&json);
    if (json.is_structured()) {
      for (Json& inner : json) {
        gather(inner, places);
      }
    }
  }
  void change(Json& json) {
    if (json.is_array() && !json.empty()) {
      const std::size_t at = random_() % json.size();
      random_() % 2 == 0 ? json.erase(at) : json.push_back(Json(json[at]));
    } else if (json.is_object() && !json.empty() && !json.contains("schema")) {
      json.erase(std::next(json.begin(), static_cast<long>(random_() % json.size())).key());
    } else if (json.is_string()) {
      json = word();
    } else if (json.is_number_integer()) {
      constexpr std::int64_t kNumbers[] = {0, 1, -1, 2, 13, 15, 17, 255, 999, 2147483647};
      json = kNumbers[random_() % std::size(kNumbers)];
    } else if (json.is_boolean()) {
      json = !json.get<bool>();
    }
  }
  std::string word() {
    constexpr const char* kWords[] = {
        "",          "0",     "-1",   "all",          "99999999999999999999",
        "\x1b[2J",   "N/A",   "none", "/dev/nvidia0", "0000:ff:1f.7",
        "550.54.15", "1e309", "hung", "12.4",         "\xff\xfe",
        "sm_999"};
    return random_() % 8 == 0 ? std::string(5'000, 'x') : kWords[random_() % std::size(kWords)];
  }
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("a rule has a name of its own, says what it does, and needs only what comes before it") {
  std::set<std::string_view> known;
  for (const Rule& rule : all_rules()) {
    CAPTURE(rule.id);
    CHECK(!rule.question.empty());
    CHECK(rule.question.ends_with('?'));
    CHECK(rule.explains.size() > 40);
    CHECK(!rule.source.empty());
    CHECK(known.insert(rule.id).second);
    CHECK(who_acts(rule.id).empty() == (rule.id == "env.runtime"));
  }
  std::set<std::string_view> before;
  for (const Rule& rule : all_rules()) {
    CAPTURE(rule.id);
    for (const std::string_view id : rule.needs) {
      CAPTURE(id);
      CHECK((before.contains(id) || !known.contains(id)));
    }
    before.insert(rule.id);
  }
}

TEST_CASE("in every capture what needs a failure is blocked by it") {
  for (const GpuFixture& fixture : gpu_fixtures()) {
    CAPTURE(fixture.name);
    const auto facts = toolkit::gpu::facts_from_json(toolkit::support::read_file(fixture.path));
    REQUIRE(facts);
    const Expectations expect;
    const Verdict verdict = diagnose(all_rules(), {*facts, expect});
    check_verdict(verdict);
    check_chain(verdict);
  }
}

TEST_CASE("whatever a capture says, there is one primary finding or none, and no crash") {
  const char* wanted = std::getenv("TOOLKIT_TEST_SEED");
  const std::uint32_t seed =
      wanted != nullptr ? static_cast<std::uint32_t>(std::stoul(wanted)) : std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto fixtures = gpu_fixtures();
  std::vector<Json> trees;
  for (const GpuFixture& fixture : fixtures) {
    trees.push_back(Json::parse(toolkit::support::read_file(fixture.path)));
  }
  std::size_t judged = 0;
  for (int round = 0; round < 4'000; ++round) {
    Json json = trees[random() % trees.size()];
    Meddler(static_cast<std::uint32_t>(random())).meddle(json);
    const auto facts =
        toolkit::gpu::facts_from_json(json.dump(-1, ' ', false, Json::error_handler_t::replace));
    if (facts) {
      ++judged;
      Expectations expect;
      expect.gpus = random() % 2 == 0 ? std::optional<int>() : static_cast<int>(random() % 9);
      const Verdict verdict = diagnose(all_rules(), {*facts, expect});
      check_verdict(verdict);
      check_chain(verdict);
    }
  }
  CHECK(judged > 1'000);
}
