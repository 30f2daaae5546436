#include <toolkit/job/record.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <random>

using toolkit::job::parse_record;
using toolkit::job::Record;
using toolkit::job::State;
using toolkit::job::to_json;

namespace {

class RandomRecords {
 public:
  Record next() {
    Record record;
    record.name = "job-" + std::to_string(random_() % 100);
    record.generation = text();
    record.attempt = integer();
    record.state = static_cast<State>(random_() % 5);
    for (auto n = random_() % 5; n > 0; --n) {
      record.argv.push_back(text());
    }
    record.phase = text();
    record.argv_omitted = integer();
    record.pid = integer();
    record.pid_namespace = whole();
    record.pid_start_ticks = whole();
    record.boot_id = text();
    record.supervisor_pid = integer();
    record.host = text();
    record.started_at = text();
    record.ended_at = text();
    record.updated_at = text();
    if (coin()) {
      record.deadline_unix = static_cast<double>(random_() % 4'000'000'000) +
                             static_cast<double>(random_() % 1000) / 1000;
    }
    record.exit_code = coin() ? std::optional(integer()) : std::nullopt;
    record.signal = coin() ? std::optional(integer()) : std::nullopt;
    record.core_dumped = coin();
    record.reason = text();
    record.message = text();
    record.oom_killed = coin();
    record.oom_kills_before = whole();
    record.cgroup = text();
    record.output_open = coin();
    record.usage = {seconds(), seconds(), seconds(), whole()};
    record.out = {whole(), whole(), whole()};
    record.err = {whole(), whole(), whole()};
    record.log_path = text();
    record.log_dropped_bytes = whole();
    return record;
  }

 private:
  bool coin() { return random_() % 2 == 0; }
  int integer() { return static_cast<int>(random_() >> (33 + random_() % 31)); }
  std::uint64_t whole() { return random_() >> (random_() % 64); }
  double seconds() { return static_cast<double>(random_() % 10'000'000) / 1e6; }
  std::string text() {
    static const std::string pieces[] = {"a",
                                         "Z",
                                         "\"",
                                         "\\",
                                         "/",
                                         "\n",
                                         "\x01",
                                         "\x7f",
                                         "\xC3\xA9",
                                         "\xE2\x82\xAC",
                                         "\xF0\x9F\x98\x80",
                                         " ",
                                         "{",
                                         "\u2028"};
    std::string made;
    for (auto n = random_() % 12; n > 0; --n) {
      made += pieces[random_() % std::size(pieces)];
    }
    return made;
  }
  std::mt19937_64 random_{42};
};

void check_same(const Record& a, const Record& b) {
  CHECK(a.name == b.name);
  CHECK(a.generation == b.generation);
  CHECK(a.attempt == b.attempt);
  CHECK(a.state == b.state);
  CHECK(a.argv == b.argv);
  CHECK(a.phase == b.phase);
  CHECK(a.argv_omitted == b.argv_omitted);
  CHECK(a.pid == b.pid);
  CHECK(a.pid_namespace == b.pid_namespace);
  CHECK(a.pid_start_ticks == b.pid_start_ticks);
  CHECK(a.boot_id == b.boot_id);
  CHECK(a.supervisor_pid == b.supervisor_pid);
  CHECK(a.host == b.host);
  CHECK(a.started_at == b.started_at);
  CHECK(a.ended_at == b.ended_at);
  CHECK(a.updated_at == b.updated_at);
  CHECK(a.deadline_unix.has_value() == b.deadline_unix.has_value());
  CHECK(std::abs(a.deadline_unix.value_or(0) - b.deadline_unix.value_or(0)) < 1e-3);
  CHECK(a.exit_code == b.exit_code);
  CHECK(a.signal == b.signal);
  CHECK(a.core_dumped == b.core_dumped);
  CHECK(a.reason == b.reason);
  CHECK(a.message == b.message);
  CHECK(a.oom_killed == b.oom_killed);
  CHECK(a.oom_kills_before == b.oom_kills_before);
  CHECK(a.cgroup == b.cgroup);
  CHECK(a.output_open == b.output_open);
  CHECK(a.usage.wall_seconds == doctest::Approx(b.usage.wall_seconds));
  CHECK(a.usage.user_seconds == doctest::Approx(b.usage.user_seconds));
  CHECK(a.usage.system_seconds == doctest::Approx(b.usage.system_seconds));
  CHECK(a.usage.peak_rss_bytes == b.usage.peak_rss_bytes);
  for (const auto counts : {&Record::out, &Record::err}) {
    CHECK((a.*counts).bytes == (b.*counts).bytes);
    CHECK((a.*counts).lines == (b.*counts).lines);
    CHECK((a.*counts).dropped_bytes == (b.*counts).dropped_bytes);
  }
  CHECK(a.log_path == b.log_path);
  CHECK(a.log_dropped_bytes == b.log_dropped_bytes);
}

std::string complaint(std::string_view json) {
  const auto result = parse_record(json);
  REQUIRE_FALSE(result);
  return result.error().message;
}

}  // namespace

TEST_CASE("a thousand random records come back as they were written") {
  RandomRecords records;
  for (int i = 0; i < 1000; ++i) {
    const Record record = records.next();
    const std::string json = to_json(record);
    const auto back = parse_record(json);
    REQUIRE_MESSAGE(back, (back ? "" : back.error().message));
    check_same(record, *back);
  }
}

TEST_CASE("a record is one line of JSON with every key, null for what is not known yet") {
  Record record;
  record.name = "train";
  const std::string text = to_json(record);
  CHECK(text.find('\n') == std::string::npos);
  const auto json = nlohmann::json::parse(text);
  CHECK(json["schema"] == "toolkit.job/1");
  CHECK(json["state"] == "starting");
  CHECK(json["argv"] == nlohmann::json::array());
  for (const char* key : {"exit_code", "signal", "started_at", "ended_at", "deadline_unix",
                          "reason", "message", "cgroup", "log_path"}) {
    CAPTURE(key);
    CHECK(json.at(key).is_null());
  }
  CHECK(json["stdout"] == nlohmann::json::parse(R"({"bytes":0,"lines":0,"dropped_bytes":0})"));
  CHECK(json["usage"].size() == 4);
  CHECK(json.size() == 32);
}

TEST_CASE("bytes that are not UTF-8 still make a record that parses") {
  Record record;
  record.name = "train";
  record.argv = {"a\xFF\xC3", std::string("\xED\xA0\x80", 3)};
  const auto back = parse_record(to_json(record));
  REQUIRE(back);
  CHECK(back->argv[0] == "a\uFFFD\uFFFD");
}

TEST_CASE("a time that is no number becomes null") {
  Record record;
  record.name = "train";
  record.deadline_unix = std::nan("");
  record.usage.wall_seconds = INFINITY;
  const auto back = parse_record(to_json(record));
  REQUIRE(back);
  CHECK_FALSE(back->deadline_unix);
}

TEST_CASE("a huge argument list is cut and the rest is counted") {
  Record record;
  record.name = "train";
  record.argv.assign(100'000, "argument");
  const std::string text = to_json(record);
  CHECK(text.size() < 100'000);
  const auto back = parse_record(text);
  REQUIRE(back);
  CHECK(back->argv.size() == 8192);
  CHECK(back->argv_omitted == 100'000 - 8192);
}

TEST_CASE("unknown keys are ignored and absent ones keep their defaults") {
  const auto record = parse_record(
      R"({"schema":"toolkit.job/1","name":"a","new_key":{"deep":[1,[2,[3]]]},"pid":null})");
  REQUIRE(record);
  CHECK(record->attempt == 1);
  CHECK(record->pid == 0);
}

TEST_CASE("what is wrong with a record is named") {
  const auto with = [](const std::string& fields) {
    return complaint(R"({"schema":"toolkit.job/1","name":"a",)" + fields + "}");
  };
  CHECK(complaint("") == "not a job record: not a JSON object");
  CHECK(complaint("[]") == "not a job record: not a JSON object");
  CHECK(complaint("{}") == "not a job record: 'schema' is not toolkit.job/1");
  CHECK(complaint(R"({"schema":"toolkit.job/2","name":"a"})") ==
        "not a job record: 'schema' is not toolkit.job/1");
  CHECK(complaint(R"({"schema":"toolkit.job/1"})") == "not a job record: 'name' is not a job name");
  CHECK(complaint(R"({"schema":"toolkit.job/1","name":"../etc"})") ==
        "not a job record: 'name' is not a job name");
  CHECK(with(R"("pid":"1")") == "not a job record: 'pid' is not a whole number");
  CHECK(with(R"("pid":-1)") == "not a job record: 'pid' is not a whole number");
  CHECK(with(R"("pid":1.5)") == "not a job record: 'pid' is not a whole number");
  CHECK(with(R"("pid":4294967296)") == "not a job record: 'pid' is not in range");
  CHECK(with(R"("exit_code":[])") == "not a job record: 'exit_code' is not a whole number");
  CHECK(with(R"("pid_namespace":18446744073709551616)") ==
        "not a job record: 'pid_namespace' is not a whole number");
  CHECK(with(R"("state":"sleeping")") == "not a job record: 'state' is not a known state");
  CHECK(with(R"("argv":"x")") == "not a job record: 'argv' is not a list of texts");
  CHECK(with(R"("argv":["x",1])") == "not a job record: 'argv' is not a list of texts");
  CHECK(with(R"("host":"a\u0000b")") == "not a job record: 'host' is not a text");
  CHECK(with(R"("core_dumped":1)") == "not a job record: 'core_dumped' is not true or false");
  CHECK(with(R"("usage":[])") == "not a job record: 'usage' is not an object");
  CHECK(with(R"("usage":{"peak_rss_bytes":"x"})") ==
        "not a job record: 'usage.peak_rss_bytes' is not a whole number");
  CHECK(with(R"("stdout":{"lines":-5})") ==
        "not a job record: 'stdout.lines' is not a whole number");
  CHECK(with(R"("deadline_unix":1e400)") == "not a job record: not a JSON object");
}

TEST_CASE("every truncation of a record is an error") {
  RandomRecords records;
  const std::string whole = to_json(records.next());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    REQUIRE_FALSE(parse_record(std::string_view(whole).substr(0, length)));
  }
}

TEST_CASE("a changed byte is an error or a record, never a crash") {
  RandomRecords records;
  std::mt19937 random(5);
  const std::string whole = to_json(records.next());
  int good = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = whole;
    for (int changes = 0; changes < 3; ++changes) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    good += parse_record(text) ? 1 : 0;
  }
  CHECK(good > 0);
}

TEST_CASE("endless nesting is refused, or skipped in a key that is not ours") {
  CHECK_FALSE(parse_record(std::string(1'000'000, '[')));
  std::string nested;
  for (int i = 0; i < 100'000; ++i) {
    nested += "{\"a\":";
  }
  CHECK_FALSE(parse_record(nested));
  CHECK(parse_record(R"({"schema":"toolkit.job/1","name":"a","x":)" + std::string(100'000, '[') +
                     std::string(100'000, ']') + "}"));
}
