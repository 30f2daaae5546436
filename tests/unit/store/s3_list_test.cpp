#include "s3_fake.hpp"

using namespace toolkit;
using support::FakeS3;
using support::HttpServer;

namespace {

std::vector<std::string> names(const Result<std::vector<store::Entry>>& entries) {
  std::vector<std::string> all;
  for (const auto& entry : entries.value_or(std::vector<store::Entry>{})) {
    all.push_back(entry.name + (entry.kind == store::Kind::directory ? "/" : ""));
  }
  return all;
}
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("what is in a bucket looks like directories, by names as bytes") {
  FakeS3 bucket;
  for (const char* key :
       {"p/a", "p/a-b", "p/a/x", "p/a/y/z", "p/b/", "p/b/c", "p/\xC3\xA9 +%", "q/no", "p2"}) {
    bucket.objects[key] = {"12345", ""};
  }
  for (const bool whole : {false, true}) {
    const auto place = bucket.open("/p//");
    if (whole) {
      CHECK(names(place->list("")) == Names{"a", "a/", "a-b", "b/", "\xC3\xA9 +%"});
    }
    CHECK(names(place->list("a")) == Names{"x", "y/"});
    CHECK(names(place->list("a/y")) == Names{"z"});
    CHECK(names(place->list("b")) == Names{"c"});
    CHECK(names(place->list("none")).empty());
    const auto entry = place->list("a/y")->front();
    CHECK(entry.size == 5);
    CHECK(entry.tag == net::to_hex(net::md5("12345")));
    CHECK(entry.mtime == 1'795'435'200'000'000'000);
  }
}

TEST_CASE("10,000 files in 100 directories cost 10 requests, and what we changed one more") {
  FakeS3 bucket;
  for (int i = 0; i < 10'000; ++i) {
    bucket.objects[fmt::format("run/d{:02}/f{:03}.log", i % 100, i / 100)] = {"x", ""};
  }
  const auto place = bucket.open("run");
  CHECK(place->list("")->size() == 100);
  for (int i = 0; i < 100; ++i) {
    const auto entries = place->list(fmt::format("d{:02}", i));
    REQUIRE(entries->size() == 100);
    CHECK(entries->back().name == "f099.log");
  }
  CHECK(bucket.count("GET") == 10);

  support::TextContent content("new");
  support::CountingFlow flow;
  std::string memo;
  REQUIRE(place->put({"d07/new.log", 3, 0, 0}, content, flow, memo));
  CHECK(place->list("d07")->size() == 101);
  CHECK(place->list("d08")->size() == 100);
  CHECK(bucket.count("GET") == 11);
  bucket.objects["run/d08/late.log"] = {"x", ""};
  CHECK(place->list("")->size() == 100);
  CHECK(place->list("d08")->size() == 101);
}

TEST_CASE("a listing that was refused, cut off or not understood is an error, never empty") {
  const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<ListBucketResult>";
  const auto error_of_list = [&half](const std::string& answer, bool later) {
    FakeS3 bucket(support::S3Dialect{.page = 2});
    if (answer == half) {
      bucket.silence = Milliseconds(300);  // the rest never comes, and each try waits for it
    }
    for (const char* key : {"a", "b", "c", "d/e"}) {
      bucket.objects[key] = {"x", ""};
    }
    bucket.before = [&](const support::HttpHeard& heard) -> std::optional<std::string> {
      const bool first = heard.target.find("continuation") == std::string::npos;
      return later && first ? std::nullopt : std::optional(answer);
    };
    const auto place = bucket.open();
    const auto listed = place->list("");
    CHECK((later || !place->list("d")));  // what failed is not remembered as something
    return listed ? ErrorKind::internal : listed.error().kind;
  };
  const std::string page =
      "<ListBucketResult><IsTruncated>true</IsTruncated>"
      "<NextContinuationToken>b</NextContinuationToken></ListBucketResult>";
  for (const bool later : {false, true}) {
    CAPTURE(later);
    CHECK(error_of_list(FakeS3::error("403 Forbidden", "AccessDenied"), later) ==
          ErrorKind::denied);
    CHECK(error_of_list(FakeS3::error("404 Not Found", "NoSuchBucket"), later) ==
          ErrorKind::not_found);
    CHECK(error_of_list(FakeS3::error("503 Slow Down", "SlowDown"), later) ==
          ErrorKind::unavailable);
    CHECK(error_of_list("", later) == ErrorKind::unavailable);
    CHECK(error_of_list(HttpServer::answer("200 OK", "<html>sign in</html>"), later) ==
          ErrorKind::failed);
    CHECK(error_of_list(HttpServer::answer("200 OK", ""), later) == ErrorKind::failed);
    CHECK(error_of_list(HttpServer::answer("200 OK", page), later) ==
          ErrorKind::failed);  // circles
    CHECK(error_of_list(half, later) == ErrorKind::unavailable);
  }
}

TEST_CASE("one busy answer does not end a listing") {
  FakeS3 bucket;
  bucket.objects["a"] = {"x", ""};
  int asked = 0;
  bucket.before = [&](const support::HttpHeard&) -> std::optional<std::string> {
    return ++asked == 1 ? std::optional(FakeS3::error("503 Slow Down", "SlowDown")) : std::nullopt;
  };
  CHECK(names(bucket.open()->list("")) == Names{"a"});
}

TEST_CASE("keys that were not asked for are no answer, and those that no path names are left out") {
  FakeS3 bucket;
  for (const char* key : {"p/../../etc/passwd", "p//x", "p/./y", "p/good", "p/d/../z", "p/d/ok"}) {
    bucket.objects[key] = {"x", ""};
  }
  const auto place = bucket.open("p");
  CHECK(names(place->list("")) == Names{"d/", "good"});
  CHECK(names(place->list("d")) == Names{"ok"});
  CHECK(names(bucket.open("p")->list("d")) == Names{"ok"});
  bucket.before = [](const support::HttpHeard&) {
    return std::optional(HttpServer::answer(
        "200 OK",
        "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>other</Key>"
        "<LastModified>2026-11-23T12:00:00Z</LastModified><Size>1</Size></Contents>"
        "</ListBucketResult>"));
  };
  CHECK(place->list("").error().kind == ErrorKind::failed);
}

TEST_CASE("a million objects are remembered in less than 64 MiB, in any order they come") {
  store::S3Snapshot snapshot;
  std::vector<store::S3Object> page(1000);
  for (int p = 0; p < 1000; ++p) {
    for (int i = 0; i < 1000; ++i) {
      page[static_cast<std::size_t>(i)] = {
          fmt::format("runs/2026-11-23/worker-{:03}/step-{:06}.log", p, i), 4096,
          1'795'435'200'000'000'000, net::to_hex(net::md5(std::to_string(p * 1000 + i)))};
    }
    snapshot.add(page);
  }
  snapshot.finish(true);
  CHECK(snapshot.bytes() < 64u << 20);
  MESSAGE("bytes an object: ", static_cast<double>(snapshot.bytes()) / 1e6);
  CHECK(snapshot.list("runs/2026-11-23").size() == 1000);
  const auto entries = snapshot.list("runs/2026-11-23/worker-500");
  REQUIRE(entries.size() == 1000);
  CHECK(entries[7].name == "step-000007.log");
  CHECK(entries[7].tag == net::to_hex(net::md5("500007")));

  store::S3Snapshot mixed;
  mixed.add(std::vector<store::S3Object>{{"b/2", 1, 2, "x-1"}, {"a", 3, 4, "00-2"}});
  mixed.add(std::vector<store::S3Object>{{"b/1", 5, 6, std::string(32, '0') + "-12"}});
  mixed.finish(true);
  const auto below = mixed.list("b");
  REQUIRE(below.size() == 2);
  CHECK(below[0].tag == std::string(32, '0') + "-12");
  CHECK(below[1].tag == "x-1");
  CHECK(mixed.list("")[0].mtime == 4);
}

TEST_CASE("half a listing answers for what it has seen to its end, and for nothing else") {
  store::S3Snapshot snapshot;
  snapshot.add(std::vector<store::S3Object>{{"a/1", 1, 1, ""}, {"b/1", 1, 1, ""}});
  snapshot.finish(false);
  CHECK(snapshot.covers("a"));
  CHECK_FALSE(snapshot.covers("b"));  // there may be more in it
  CHECK_FALSE(snapshot.covers("c"));
  CHECK_FALSE(snapshot.covers(""));
}
