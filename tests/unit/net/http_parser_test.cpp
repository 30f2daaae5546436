#include <doctest/doctest.h>
#include <src/net/http_parser.hpp>

using toolkit::net::Cause;
using toolkit::net::HttpExchange;
using toolkit::net::HttpParser;

namespace {

// The answer after all of `bytes`, given in pieces of `step`.
std::optional<HttpExchange::Answer> parse(const std::string& bytes, std::size_t step, bool ended,
                                          bool head = false, bool wants_body = true) {
  const auto parser = HttpParser::make(head, wants_body);
  std::string inbox;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    inbox += bytes.substr(at, step);
    if (auto answer = parser->take(inbox, false)) {
      return answer;
    }
  }
  return ended ? parser->take(inbox, true) : std::nullopt;
}

// The same in one piece and byte by byte.
void check(const std::string& bytes, unsigned status, const std::string& body) {
  for (const std::size_t step : {bytes.size(), std::size_t{1}}) {
    CAPTURE(bytes);
    CAPTURE(step);
    const auto answer = parse(bytes, step, true);
    REQUIRE(answer);
    REQUIRE(*answer);
    CHECK((*answer)->status == status);
    CHECK((*answer)->body == body);
    CHECK_FALSE((*answer)->body_cut);
  }
}

}  // namespace

TEST_CASE("answers with a length, in chunks and to the end of the connection are understood") {
  check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello");
  check(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
      200, "hello!");
  check("HTTP/1.0 503 Busy\r\n\r\nlater", 503, "later");
  check("HTTP/1.1 204 No Content\r\n\r\n", 204, "");
  check("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", 302, "");
}

TEST_CASE("an empty body in chunks may come byte by byte") {
  const auto answer =
      parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 1, false);
  REQUIRE(answer);
  REQUIRE(*answer);
  CHECK((*answer)->body.empty());
}

TEST_CASE("interim answers are passed over") {
  check(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
      "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
      201, "ok");
}

TEST_CASE("an answer to HEAD has a length and no body") {
  const auto answer =
      parse("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", 1000, false, true, false);
  REQUIRE(answer);
  CHECK((*answer)->status == 200);
}

TEST_CASE("who wants no body is answered as soon as the header is there") {
  const std::string header = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\nX-Ready: yes\r\n\r\n";
  CHECK_FALSE(parse(header, 1, false));
  const auto answer = parse(header, 1, false, false, false);
  REQUIRE(answer);
  REQUIRE((*answer)->fields.size() == 2);
  CHECK((*answer)->fields[1].second == "yes");
  const auto torn = parse("HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 4096,
                          false, false, false);
  REQUIRE(torn);
  REQUIRE(*torn);
  CHECK((*torn)->status == 201);
}

TEST_CASE("a body is looked at up to 1 MiB, whatever length is promised") {
  for (const char* length : {"Content-Length: 9000000000000000\r\n", ""}) {
    const auto answer =
        parse(std::string("HTTP/1.1 200 OK\r\n") + length + "\r\n" + std::string(3 << 20, 'x'),
              64 << 10, false);
    REQUIRE(answer);
    REQUIRE(*answer);
    CHECK((*answer)->body.size() == 1 << 20);
    CHECK((*answer)->body_cut);
  }
}

TEST_CASE("answers that break off say so") {
  for (const char* bytes :
       {"HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"}) {
    CAPTURE(bytes);
    const auto answer = parse(bytes, 1, true);
    REQUIRE(answer);
    REQUIRE_FALSE(*answer);
    CHECK(answer->error().cause == Cause::closed);
    CHECK(answer->error().words == "closed in the middle of an answer");
  }
  std::string nothing;
  CHECK(HttpParser::make(false, true)->take(nothing, true)->error().words ==
        "closed without an answer");
}

TEST_CASE("what is not HTTP is refused") {
  for (const std::string& bytes :
       {std::string("SSH-2.0-OpenSSH_9.2\r\n"), std::string("\0\1\2\3\4\5\6\7\n", 9),
        std::string("HTTP/1.1 2x0 OK\r\n\r\n"), std::string("HTTP/1.1 002 OK\r\n\r\n"),
        std::string("HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
        "HTTP/1.1 200 OK\r\nX: " + std::string(1 << 20, 'y'),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")}) {
    const auto answer = parse(bytes, 4096, true);
    REQUIRE(answer);
    REQUIRE_FALSE(*answer);
    CHECK(answer->error().cause == Cause::protocol);
    CHECK(answer->error().words.starts_with("the answer is not HTTP/1: "));
  }
}
