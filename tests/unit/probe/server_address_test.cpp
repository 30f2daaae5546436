#include "src/probe/server_address.hpp"

#include "leaf.hpp"

#include <toolkit/base/secret.hpp>

#include <doctest/doctest.h>

using toolkit::mask_secrets;
using toolkit::condition::Parameter;
using toolkit::probe::decode_percent;
using toolkit::probe::parse_server_address;
using toolkit::support::leaf_of;

TEST_CASE("a server's address has its parts") {
  const auto full = parse_server_address(leaf_of("postgres", "//app:a%40b:c@db:6000/train"), 5432);
  REQUIRE(full);
  CHECK(full->user == "app");
  CHECK(full->password == "a@b:c");
  CHECK(full->endpoint.host == "db");
  CHECK(full->endpoint.port == 6000);
  CHECK(full->name == "train");

  const auto bare = parse_server_address(leaf_of("postgres", "//[::1]"), 5432);
  REQUIRE(bare);
  CHECK_FALSE(bare->user);
  CHECK_FALSE(bare->password);
  CHECK(bare->endpoint.host == "::1");
  CHECK(bare->endpoint.port == 5432);
  CHECK(bare->name.empty());

  const auto only_password = parse_server_address(leaf_of("redis", "//:p@w@h/"), 6379);
  REQUIRE(only_password);
  CHECK_FALSE(only_password->user);
  CHECK(only_password->password == "p@w");
  CHECK(only_password->endpoint.host == "h");
}

TEST_CASE("a mistake in a server's address has its place, and no password in its words") {
  for (const char* target : {"", "db:1", "//", "//u:sesame@", "//u:sesame@h:port", "//u:sesame@h:0",
                             "//u:sesame@h/a/b", "//u:sesame@h/a?sslmode=disable",
                             "//u:%zzsesame@h", "//u:sesame%00@h", "//u:sesame@h/%4"}) {
    CAPTURE(target);
    const auto address = parse_server_address(leaf_of("mysql", target), 3306);
    REQUIRE_FALSE(address);
    CHECK(address.error().message.find("sesame") == std::string::npos);
    CHECK(address.error().remedy.find("sesame") == std::string::npos);
  }
  const auto port = parse_server_address(leaf_of("mysql", "//u:pw@h:port"), 3306);
  CHECK(port.error().offset == 13);
  CHECK(port.error().length == 6);
  auto leaf = leaf_of("mysql", "//h");
  leaf.parameters.push_back(Parameter{{"tls", 10, 3}, "=", {"no", 14, 2}});
  CHECK(parse_server_address(leaf, 3306).error().offset == 10);
}

TEST_CASE("the text of a leaf with a password can be shown masked") {
  CHECK(mask_secrets("postgres://app:sesame@db/train") == "postgres://app:***@db/train");
  CHECK(mask_secrets("redis://:sesame@db") == "redis://:***@db");
}

TEST_CASE("percent escapes are decoded or refused") {
  CHECK(decode_percent("a%20b%2Fc") == "a b/c");
  for (const char* broken : {"%", "%4", "%4g", "%00", "a%"}) {
    CAPTURE(broken);
    CHECK_FALSE(decode_percent(broken));
  }
}
