#include "s3_fake.hpp"

#include <random>

using namespace toolkit;
using support::FakeS3;
using support::HttpHeard;
using support::S3Dialect;

namespace {

constexpr std::size_t kMebi = 1 << 20;

std::string random_text(std::size_t size) {
  std::mt19937_64 random(size);
  std::string text(size, '\0');
  for (char& c : text) {
    c = static_cast<char>(random());
  }
  return text;
}

struct Log {
  explicit Log(FakeS3& bucket) : place(bucket.open("run")) {}
  // The first `size` bytes are to be there behind it.
  Result<void> grow(std::uint64_t from, std::uint64_t size) {
    return place->append({"x.log", size, 0, 0}, from, content, flow, memo);
  }

  support::TextContent content{random_text(40 * kMebi)};
  const std::string& bytes = content.bytes;
  std::unique_ptr<store::Store> place;
  support::CountingFlow flow;
  std::string memo;
};

bool is_append(const HttpHeard& heard) { return heard.target.find("append") != std::string::npos; }
bool is_log(const HttpHeard& heard) { return heard.target.starts_with("/b/run/x.log"); }

}  // namespace

TEST_CASE("where appends were proved, the tail is sent and nothing else") {
  FakeS3 bucket(S3Dialect{.appends = true});
  Log log(bucket);
  std::uint64_t size = 0;
  for (int i = 0; i < 200; ++i) {
    REQUIRE(log.grow(size, size + 65));
    size += 65;
  }
  CHECK(bucket.objects["run/x.log"].bytes == log.bytes.substr(0, size));
  CHECK(log.flow.passed == size);
  CHECK(log.flow.wasted == 0);
  CHECK(bucket.objects.size() == 1);  // the throw-away object is gone
  CHECK(bucket.heard().size() == 200 + 4);
  CHECK(log.grow(10, 20).error().kind == ErrorKind::conflict);
  CHECK(bucket.objects["run/x.log"].bytes.size() == size);
}

TEST_CASE("a server that does not know appends never gets one for a file of ours") {
  for (const auto conditions : {S3Dialect::Conditions::heeded, S3Dialect::Conditions::unquoted,
                                S3Dialect::Conditions::ignored, S3Dialect::Conditions::unknown}) {
    CAPTURE(static_cast<int>(conditions));
    FakeS3 bucket(S3Dialect{.appends = false, .conditions = conditions});
    Log log(bucket);
    REQUIRE(log.grow(0, 10));
    REQUIRE(log.grow(10, 30));
    CHECK(bucket.objects["run/x.log"].bytes == log.bytes.substr(0, 30));
    CHECK(log.flow.passed - log.flow.wasted == 30);
    for (const HttpHeard& heard : bucket.heard()) {
      CHECK((!is_log(heard) || !is_append(heard)));
    }
    CHECK(bucket.objects.size() == 1);
    CHECK(log.grow(10, 40).error().kind == ErrorKind::conflict);
  }
}

TEST_CASE("an append without an answer is looked for before it is sent again") {
  for (const bool happened : {false, true}) {
    CAPTURE(happened);
    FakeS3 bucket(S3Dialect{.appends = true});
    Log log(bucket);
    REQUIRE(log.grow(0, 10));
    int lost = 0;
    (happened ? bucket.after
              : bucket.before) = [&](const HttpHeard& heard) -> std::optional<std::string> {
      return is_log(heard) && is_append(heard) && ++lost == 1 ? std::optional<std::string>("")
                                                              : std::nullopt;
    };
    REQUIRE(log.grow(10, 30));
    CHECK(bucket.objects["run/x.log"].bytes == log.bytes.substr(0, 30));
    CHECK(log.flow.passed - log.flow.wasted == 30);
  }
}

TEST_CASE("other bytes of the same length are not taken for ours") {
  FakeS3 bucket(S3Dialect{.appends = true});
  Log log(bucket);
  REQUIRE(log.grow(0, 10));
  bucket.objects["run/x.log"].bytes += "somebody else's text";
  const auto grown = log.grow(10, 30);
  REQUIRE_FALSE(grown);
  CHECK(grown.error().kind == ErrorKind::conflict);
  CHECK(log.flow.passed - log.flow.wasted == 10);
}

TEST_CASE("an object that a PUT has made is born again once, and then grows by its tail") {
  FakeS3 bucket(S3Dialect{.appends = true});
  Log log(bucket);
  bucket.objects["run/x.log"] = {log.bytes.substr(0, 1000), ""};
  REQUIRE(log.grow(1000, 1010));
  REQUIRE(log.grow(1010, 1020));
  CHECK(bucket.objects["run/x.log"].bytes == log.bytes.substr(0, 1020));
  CHECK(log.flow.passed - log.flow.wasted == 20);
  CHECK(log.flow.passed < 1100);
  CHECK(bucket.objects.size() == 1);
}

TEST_CASE("an empty object that a PUT has made grows too, and an empty file is made") {
  FakeS3 bucket(S3Dialect{.appends = true});
  Log log(bucket);
  REQUIRE(log.grow(0, 0));
  CHECK(bucket.objects["run/x.log"].grows);
  bucket.objects["run/x.log"] = {"", ""};
  REQUIRE(log.grow(0, 5));
  CHECK(bucket.objects["run/x.log"].bytes == log.bytes.substr(0, 5));
}

TEST_CASE("a small file at rest is one PUT, and may grow all the same") {
  FakeS3 bucket(S3Dialect{.appends = true});
  Log log(bucket);
  REQUIRE(bucket.open("run")->create_exclusively("tried", "x"));
  const auto put = [&](const char* key, std::chrono::seconds age, std::uint64_t size) {
    const auto time = std::chrono::system_clock::now().time_since_epoch() - age;
    const auto before = bucket.heard().size();
    REQUIRE(log.place->append({key, size, time / std::chrono::nanoseconds(1), 0}, 0, log.content,
                              log.flow, log.memo));
    return bucket.heard().size() - before;
  };
  REQUIRE(put("a.log", std::chrono::minutes(5), 100) == 1 + 3);  // what must be tried is tried
  CHECK(put("b.log", std::chrono::minutes(5), 100) == 1);
  CHECK_FALSE(bucket.objects["run/b.log"].grows);
  put("fresh.log", std::chrono::seconds(5), 100);
  CHECK(bucket.objects["run/fresh.log"].grows);
  put("large.log", std::chrono::minutes(5), 2 * kMebi);
  CHECK(bucket.objects["run/large.log"].grows);

  REQUIRE(log.place->append({"b.log", 150, 0, 0}, 100, log.content, log.flow, log.memo));
  CHECK(bucket.objects["run/b.log"].grows);
  CHECK(bucket.objects["run/b.log"].bytes == log.bytes.substr(0, 150));
  bucket.objects["run/c.log"] = {"somebody else's", ""};
  CHECK(log.place->append({"c.log", 100, 1'000'000'000, 0}, 0, log.content, log.flow, log.memo)
            .error()
            .kind == ErrorKind::conflict);
  CHECK(bucket.objects["run/c.log"].bytes == "somebody else's");
}

TEST_CASE("whoever is not allowed to try appends out, may be allowed later") {
  FakeS3 bucket(S3Dialect{.appends = true});
  Log log(bucket);
  bool allowed = false;
  bucket.before = [&](const HttpHeard& heard) -> std::optional<std::string> {
    return allowed || heard.method != "PUT"
               ? std::nullopt
               : std::optional(FakeS3::error("403 Forbidden", "AccessDenied"));
  };
  CHECK(log.grow(0, 10).error().kind == ErrorKind::denied);
  allowed = true;
  REQUIRE(log.grow(0, 10));
  CHECK(bucket.objects["run/x.log"].grows);
}

TEST_CASE("at Ceph without appends nothing below 5 MiB is sent for a refusal") {
  FakeS3 bucket(S3Dialect{.conditions = S3Dialect::Conditions::unquoted, .ceph = true});
  Log log(bucket);
  REQUIRE(log.grow(0, 2 * kMebi));
  REQUIRE(log.grow(2 * kMebi, 4 * kMebi));
  CHECK(log.flow.passed == 6 * kMebi);
  CHECK(bucket.objects["run/x.log"].bytes == log.bytes.substr(0, 4 * kMebi));
}

TEST_CASE("without appends a log that was empty is not sent twice") {
  FakeS3 bucket;
  Log log(bucket);
  REQUIRE(log.grow(0, 0));
  REQUIRE(log.grow(0, kMebi));
  CHECK(log.flow.passed == kMebi);
  CHECK(bucket.objects["run/x.log"].bytes == log.bytes.substr(0, kMebi));
}

TEST_CASE("without appends the server copies what is there from 5 MiB on") {
  FakeS3 bucket;
  Log log(bucket);
  REQUIRE(log.grow(0, 6 * kMebi));
  const std::uint64_t before = log.flow.passed;
  REQUIRE(log.grow(6 * kMebi, 6 * kMebi + 100));
  REQUIRE(log.grow(6 * kMebi + 100, 30 * kMebi));
  CHECK(bucket.objects["run/x.log"].bytes == log.bytes.substr(0, 30 * kMebi));
  CHECK(log.flow.passed - before == 24 * kMebi);
  CHECK(log.flow.wasted == 0);
  CHECK(bucket.uploads() == 0);
  CHECK(log.grow(5 * kMebi, 31 * kMebi).error().kind == ErrorKind::conflict);
}

TEST_CASE("an object that somebody replaces while it is copied is not overwritten") {
  FakeS3 bucket;
  Log log(bucket);
  REQUIRE(log.grow(0, 6 * kMebi));
  bucket.after = [&](const HttpHeard& heard) -> std::optional<std::string> {
    if (heard.target.find("partNumber=2") != std::string::npos) {
      bucket.objects["run/x.log"] = {std::string(6 * kMebi, 'x'), ""};
    }
    return std::nullopt;
  };
  CHECK(log.grow(6 * kMebi, 7 * kMebi).error().kind == ErrorKind::conflict);
  CHECK(bucket.objects["run/x.log"].bytes[0] == 'x');
  CHECK(bucket.uploads() == 0);
}
