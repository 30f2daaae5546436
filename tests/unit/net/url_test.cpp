#include <toolkit/net/url.hpp>

#include <doctest/doctest.h>

using toolkit::net::parse_url;

TEST_CASE("a URL is taken apart into what a request needs") {
  struct Row {
    const char* text;
    bool tls;
    const char* name;
    int port;
    const char* host;
    const char* target;
  };
  for (const Row& row : {
           Row{"http://db", false, "db", 80, "db", "/"},
           Row{"https://db/a?b=c#d", true, "db", 443, "db", "/a?b=c"},
           Row{"http://db:8080?x", false, "db", 8080, "db:8080", "/?x"},
           Row{"http://[::1]/x", false, "::1", 80, "[::1]", "/x"},
           Row{"https://[::1]:8443#f", true, "::1", 8443, "[::1]:8443", "/"},
           Row{"http://db/gr\xC3\xBC\xC3\x9F", false, "db", 80, "db", "/gr%C3%BC%C3%9F"},
           Row{"http://db:443/", false, "db", 443, "db:443", "/"},
       }) {
    CAPTURE(row.text);
    const auto url = parse_url(row.text);
    REQUIRE(url);
    CHECK(url->tls == row.tls);
    CHECK(url->endpoint.host == row.name);
    CHECK(url->endpoint.port == row.port);
    CHECK(url->host == row.host);
    CHECK(url->target == row.target);
  }
}

TEST_CASE("what is no URL is refused, without quoting what is secret") {
  for (const char* text :
       {"", "db", "ftp://db", "http://", "http:///x", "http://:80", "http://db:x/", "http://::1/",
        "http://d b/", "http://db/a b", "http://db/\r\nX: y", "http://db:0/", "HTTP://db"}) {
    CAPTURE(text);
    const auto url = parse_url(text);
    REQUIRE_FALSE(url);
    CHECK(url.error().kind == toolkit::ErrorKind::usage);
  }
  const auto url = parse_url("http://user:hunter2@db/");
  REQUIRE_FALSE(url);
  CHECK(url.error().message.find("hunter2") == std::string::npos);
}
