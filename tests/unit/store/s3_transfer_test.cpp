#include "s3_fake.hpp"

#include <src/store/s3_parts.hpp>

#include <random>

using namespace toolkit;
using support::FakeS3;
using support::HttpHeard;

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

// A transfer with what it needs, and what it cost.
struct Transfer {
  explicit Transfer(FakeS3& bucket) : place(bucket.open()) {}

  Result<void> put(const std::string& key, std::string bytes) {
    support::TextContent content(std::move(bytes));
    return place->put({key, content.bytes.size(), 1'500'000'000, 0}, content, flow, memo);
  }
  Result<void> append(const std::string& key, std::uint64_t offset, const std::string& bytes) {
    support::TextContent content(bytes);
    return place->append({key, bytes.size(), 1'500'000'000, 0}, offset, content, flow, memo);
  }

  std::unique_ptr<store::Store> place;
  support::CountingFlow flow;
  std::string memo;
};

std::string parameter(const HttpHeard& heard, const std::string& name) {
  const std::size_t at = heard.target.find(name + "=");
  return at == std::string::npos ? "" : heard.target.substr(at + name.size() + 1, 1);
}
bool is_part(const HttpHeard& heard) {
  return heard.method == "PUT" && heard.target.find("partNumber") != std::string::npos;
}
bool is_complete(const HttpHeard& heard) {
  return heard.method == "POST" && heard.target.find("uploadId") != std::string::npos;
}

}  // namespace

TEST_CASE("a small file is one request, signed and with its MD5, and keeps its time") {
  FakeS3 bucket;
  Transfer transfer(bucket);
  REQUIRE(transfer.put("a/x.log", "hello"));
  REQUIRE(transfer.put("empty", ""));
  CHECK(bucket.objects["a/x.log"].bytes == "hello");
  CHECK(bucket.objects["empty"].bytes.empty());
  REQUIRE(bucket.heard().size() == 2);
  CHECK(bucket.heard()[0].field("x-amz-content-sha256") == net::to_hex(net::sha256("hello")));
  CHECK(bucket.heard()[0].field("Content-MD5") == net::to_base64(net::md5("hello")));
  CHECK(transfer.flow.passed == 5);
  CHECK(transfer.place->stat("a/x.log").value()->mtime == 1'500'000'000);
  CHECK(transfer.place->stat("a").value()->kind == store::Kind::directory);
  CHECK_FALSE(transfer.place->stat("b").value());
}

TEST_CASE("a server that stored other bytes than were sent is found out by its tags") {
  FakeS3 bucket;
  bucket.after = [&](const HttpHeard& heard) -> std::optional<std::string> {
    return heard.target == "/b/bad" && heard.method == "PUT"
               ? std::optional(support::HttpServer::answer(
                     "200 OK", "", "ETag: \"00000000000000000000000000000000\"\r\n"))
               : std::nullopt;
  };
  Transfer transfer(bucket);
  CHECK(transfer.put("bad", "x"));  // a bucket with SSE-KMS has such tags
  REQUIRE(transfer.put("good", "y"));
  const auto bad = transfer.put("bad", "x");
  REQUIRE_FALSE(bad);
  CHECK(bad.error().kind == ErrorKind::unavailable);
}

TEST_CASE("a file that becomes shorter while it is read is no success") {
  FakeS3 bucket;
  Transfer transfer(bucket);
  support::TextContent content("hello");
  const auto put = transfer.place->put({"x", 10, 0, 0}, content, transfer.flow, transfer.memo);
  REQUIRE_FALSE(put);
  CHECK(put.error().kind == ErrorKind::conflict);
  CHECK(bucket.objects.empty());
}

TEST_CASE("what was uploaded in parts is not sent again, unless it has changed") {
  FakeS3 bucket;
  std::string bytes = random_text(30 * kMebi);  // parts of 8, 8, 8 and 6 MiB
  bool broken = true;
  bucket.before = [&](const HttpHeard& heard) -> std::optional<std::string> {
    return broken && is_part(heard) && parameter(heard, "partNumber") == "3"
               ? std::optional(FakeS3::error("503 Slow Down", "SlowDown"))
               : std::nullopt;
  };
  std::string memo;
  {
    Transfer first(bucket);
    CHECK(first.put("x", bytes).error().kind == ErrorKind::unavailable);
    memo = first.memo;
    CHECK(bucket.uploads() == 1);
    CHECK(first.flow.passed - first.flow.wasted == 22 * kMebi);
  }
  broken = false;
  bytes[1] = static_cast<char>(bytes[1] + 1);  // the first part is another one now
  Transfer second(bucket);
  second.memo = memo;
  REQUIRE(second.put("x", bytes));
  CHECK(second.memo.empty());
  CHECK(second.flow.passed == 16 * kMebi);  // parts 1 and 3
  CHECK(bucket.objects["x"].bytes == bytes);
  CHECK(bucket.uploads() == 0);
}

TEST_CASE("a note of an upload that is gone, or is none, costs time and no truth") {
  FakeS3 bucket;
  const std::string bytes = random_text(17 * kMebi);
  for (const char* memo : {"1 8388608 nothing", "1 1 id", "2 8388608 id", "garbage", "1 -5 x"}) {
    CAPTURE(memo);
    Transfer transfer(bucket);
    transfer.memo = memo;
    REQUIRE(transfer.put("x", bytes));
    CHECK(bucket.objects["x"].bytes == bytes);
    CHECK(bucket.uploads() == 0);
  }
}

TEST_CASE("an upload that cannot work is given up, and leaves no parts behind") {
  FakeS3 bucket;
  bucket.before = [](const HttpHeard& heard) -> std::optional<std::string> {
    return is_part(heard) ? std::optional(FakeS3::error("403 Forbidden", "AccessDenied"))
                          : std::nullopt;
  };
  Transfer transfer(bucket);
  CHECK(transfer.put("x", random_text(17 * kMebi)).error().kind == ErrorKind::denied);
  CHECK(transfer.memo.empty());
  CHECK(bucket.uploads() == 0);
}

TEST_CASE("a completion that answers 200 and then an error, or not at all, is looked after") {
  const std::string bytes = random_text(17 * kMebi);
  const std::string late = support::HttpServer::answer(
      "200 OK", "<?xml version=\"1.0\"?>\n  <Error><Code>InternalError</Code></Error>");
  SUBCASE("an error, and it did not happen: once more") {
    FakeS3 bucket;
    int tried = 0;
    bucket.before = [&](const HttpHeard& heard) -> std::optional<std::string> {
      return is_complete(heard) && ++tried == 1 ? std::optional(late) : std::nullopt;
    };
    Transfer transfer(bucket);
    REQUIRE(transfer.put("x", bytes));
    CHECK(bucket.objects["x"].bytes == bytes);
  }
  SUBCASE("an error each time: unavailable, and the parts are kept") {
    FakeS3 bucket;
    bucket.before = [&](const HttpHeard& heard) -> std::optional<std::string> {
      return is_complete(heard) ? std::optional(late) : std::nullopt;
    };
    Transfer transfer(bucket);
    CHECK(transfer.put("x", bytes).error().kind == ErrorKind::unavailable);
    CHECK_FALSE(transfer.memo.empty());
  }
  for (const std::string& answer : {std::string(), late}) {  // the connection breaks off
    FakeS3 bucket;
    bucket.after = [&](const HttpHeard& heard) -> std::optional<std::string> {
      return is_complete(heard) ? std::optional(answer) : std::nullopt;
    };
    Transfer transfer(bucket);
    REQUIRE(transfer.put("x", bytes));  // it did happen
    CHECK(bucket.objects["x"].bytes == bytes);
  }
}

TEST_CASE("a tag proves small files, so that they need not be read") {
  FakeS3 bucket;
  const auto place = bucket.open();
  bucket.objects["same"] = {"abc", ""};
  bucket.objects["sse-kms"] = {"abc", "", false, std::string(32, '0')};
  bucket.objects["parts"] = {"abc", "", false, std::string(32, '0') + "-2"};
  support::TextContent ours("abc"), other("abd"), longer("abcd");
  const auto listed = place->list("");
  REQUIRE(listed);
  const auto before = bucket.heard().size();
  for (const store::Entry& entry : *listed) {
    CAPTURE(entry.name);
    CHECK(*place->proves(entry, ours) == (entry.name == "same"));
    CHECK_FALSE(*place->proves(entry, other));
    CHECK_FALSE(*place->proves(entry, longer));
  }
  CHECK(bucket.heard().size() == before);
}

TEST_CASE("reading: by ranges and in one go, and never from two objects") {
  FakeS3 bucket;
  const std::string bytes = random_text(3 * kMebi);
  bucket.objects["x"] = {bytes, ""};
  const auto place = bucket.open();
  CHECK(place->open("none", false).error().kind == ErrorKind::not_found);
  std::string read, buffer(100'000, '\0');
  {
    const auto content = place->open("x", false).value();
    while (true) {
      const auto count = content->read(read.size(), buffer);
      REQUIRE(count);
      if (*count == 0) {
        break;
      }
      read.append(buffer, 0, *count);
    }
    CHECK(read == bytes);
    CHECK(bucket.count("GET") == 2);  // a range, and then all the rest
    CHECK(content->read(1'000'000, std::span(buffer).first(10)) == 10u);
    CHECK(buffer.substr(0, 10) == bytes.substr(1'000'000, 10));
    CHECK(content->read(3 * kMebi - 1, buffer) == 1u);
    CHECK(content->read(3 * kMebi, buffer) == 0u);
    bucket.objects["x"].bytes[0]++;
    CHECK(content->read(0, buffer).error().kind == ErrorKind::conflict);
  }
  const auto again = place->open("x", false).value();
  REQUIRE(again->read(0, buffer));
  REQUIRE(again->read(100'000, buffer));  // a stream that is left alone in its middle
}

TEST_CASE("a stream that breaks off goes on from there") {
  FakeS3 bucket;
  const std::string bytes = random_text(3 * kMebi);
  bucket.objects["x"] = {bytes, ""};
  int cut = 0;
  bucket.after = [&](const HttpHeard& heard) -> std::optional<std::string> {
    return heard.method == "GET" && ++cut == 1
               ? std::optional("HTTP/1.1 206 Partial Content\r\nContent-Length: 3145728\r\n\r\n" +
                               bytes.substr(0, kMebi))
               : std::nullopt;
  };
  const auto place = bucket.open();
  const auto opened = place->open("x", false).value();
  std::string read, buffer(512 << 10, '\0');
  for (std::size_t count = 1; count > 0; read.append(buffer, 0, count)) {
    const auto got = opened->read(read.size(), buffer);
    REQUIRE(got);
    count = *got;
  }
  CHECK(read == bytes);
}

TEST_CASE("renaming sends no bytes, and what is not there cannot be renamed") {
  FakeS3 bucket;
  bucket.objects["a"] = {"hello", "1.5"};
  Transfer transfer(bucket);
  REQUIRE(transfer.place->rename("a", "b c"));
  CHECK(bucket.objects["b c"].bytes == "hello");
  CHECK_FALSE(bucket.objects.contains("a"));
  CHECK(transfer.place->rename("a", "b").error().kind == ErrorKind::not_found);
  CHECK(transfer.place->remove("b c"));
  CHECK(transfer.place->remove("b c"));
  CHECK(bucket.objects.empty());
}
