#include "s3_fake.hpp"

#include <atomic>

using namespace toolkit;
using support::FakeS3;
using support::HttpHeard;

namespace {

constexpr std::size_t kMebi = 1 << 20;

std::string numbered_text(std::size_t size) {
  std::string text;
  while (text.size() < size) {
    text += std::to_string(text.size()) + '\n';
  }
  text.resize(size);
  return text;
}

Result<std::string> try_all(store::Content& content, std::size_t from) {
  std::string read, buffer(kMebi, '\0');
  for (std::size_t count = 1; count > 0; read.append(buffer, 0, count)) {
    TRY_ASSIGN(count, content.read(from + read.size(), buffer));
  }
  return read;
}

std::string read_all(store::Content& content, std::size_t from = 0) {
  auto read = try_all(content, from);
  REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
  return std::move(*read);
}

bool is_range(const HttpHeard& heard) {
  return heard.method == "GET" && !heard.field("Range").empty();
}

}  // namespace

TEST_CASE("a large object comes in ranges side by side, in their order, and what is lost again") {
  FakeS3 bucket;
  const std::string bytes = numbered_text(30 * kMebi + 5);
  bucket.objects["x"] = {bytes, ""};
  std::atomic<int> asked = 0, lost = 0;
  bucket.before = [&](const HttpHeard& heard) -> std::optional<std::string> {
    asked += is_range(heard) ? 1 : 0;
    return is_range(heard) && heard.field("Range").starts_with("bytes=8388608-") && ++lost == 1
               ? std::optional<std::string>("")
               : std::nullopt;
  };
  const auto place = bucket.open();
  const auto content = place->open("x", false).value();
  CHECK(read_all(*content) == bytes);
  CHECK(asked == 8 + 1);
  CHECK(read_all(*content, 5 * kMebi) == bytes.substr(5 * kMebi));
}

TEST_CASE("ranges are never of two objects, and may be left alone in their middle") {
  FakeS3 bucket;
  bucket.objects["x"] = {numbered_text(40 * kMebi), ""};
  std::atomic<bool> replaced = false;
  bucket.before = [&](const HttpHeard& heard) -> std::optional<std::string> {
    return replaced && is_range(heard)
               ? std::optional(FakeS3::error("412 Precondition Failed", "PreconditionFailed"))
               : std::nullopt;
  };
  const auto place = bucket.open();
  const auto content = place->open("x", false).value();
  std::string buffer(kMebi, '\0');
  REQUIRE(content->read(0, buffer));
  replaced = true;
  const auto rest = try_all(*content, kMebi);
  REQUIRE_FALSE(rest);
  CHECK(rest.error().kind == ErrorKind::conflict);
  replaced = false;
  REQUIRE(content->read(20 * kMebi, buffer));
}

TEST_CASE("only some of those that are read at once hold many ranges") {
  FakeS3 bucket;
  const std::string bytes = numbered_text(20 * kMebi);
  bucket.objects["x"] = {bytes, ""};
  const auto place = bucket.open();
  std::vector<std::unique_ptr<store::Content>> contents;
  std::string buffer(kMebi, '\0');
  for (int i = 0; i < 3; ++i) {
    contents.push_back(place->open("x", false).value());
    REQUIRE(contents.back()->read(0, buffer));
  }
  for (const auto& content : contents) {
    CHECK(read_all(*content, kMebi) == bytes.substr(kMebi));
  }
  const auto heard = bucket.heard();
  CHECK(std::any_of(heard.begin(), heard.end(), [](const HttpHeard& one) {
    return one.field("Range") == "bytes=0-20971519";  // one request for all of it
  }));
}
