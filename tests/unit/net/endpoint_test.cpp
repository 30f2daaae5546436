#include <toolkit/net/endpoint.hpp>

#include <doctest/doctest.h>

using toolkit::net::parse_endpoint;
using toolkit::net::to_text;

TEST_CASE("an endpoint is a name or a number and a port") {
  struct Row {
    const char* text;
    const char* host;
    int port;
  };
  for (const Row& row :
       {Row{"db:5432", "db", 5432}, Row{"192.0.2.1:1", "192.0.2.1", 1},
        Row{"[2001:db8::1]:80", "2001:db8::1", 80},
        Row{"[fe80::1%eth0]:65535", "fe80::1%eth0", 65535}, Row{"_x.a-b.c.:80", "_x.a-b.c.", 80}}) {
    CAPTURE(row.text);
    const auto endpoint = parse_endpoint(row.text);
    REQUIRE(endpoint);
    CHECK(endpoint->host == row.host);
    CHECK(endpoint->port == row.port);
    CHECK(to_text(*endpoint) == row.text);
  }
}

TEST_CASE("a port may be left out only where there is a default one") {
  for (const char* text : {"db", "2001:db8::1", "[2001:db8::1]"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_endpoint(text));
    const auto endpoint = parse_endpoint(text, 443);
    REQUIRE(endpoint);
    CHECK(endpoint->port == 443);
  }
}

TEST_CASE("what is no endpoint is refused with words") {
  for (const char* text :
       {"", ":80", "db:", "db:0", "db:65536", "db:+1", "db:80x", "d b:80", "db:80:90", "[::1:80",
        "[db]:80", "[::1]80", "[]:80", "a/b:80", "x@db:80", "::1:80:", "d\nb:80"}) {
    CAPTURE(text);
    const auto endpoint = parse_endpoint(text);
    REQUIRE_FALSE(endpoint);
    CHECK(endpoint.error().kind == toolkit::ErrorKind::usage);
    CHECK_FALSE(endpoint.error().message.empty());
    CHECK(endpoint.error().message.find('\n') == std::string::npos);
  }
  CHECK_FALSE(parse_endpoint(std::string(254, 'a') + ":80"));
  CHECK_FALSE(parse_endpoint(std::string_view("::1\0/", 5), 80));
  CHECK_FALSE(parse_endpoint("[fe80::1%]:80"));
  CHECK_FALSE(parse_endpoint("[fe80::1%a/b]:80"));
  CHECK(parse_endpoint("::1").error().message ==
        "'::1' is not HOST:PORT: an IPv6 address needs brackets and a port behind them");
}

TEST_CASE("a password in what is no endpoint is not repeated") {
  const auto parsed = parse_endpoint("me:hunter2@db:5432");
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().message.starts_with("'me:***@db:5432' is not HOST:PORT"));
}
