#include <toolkit/store/location.hpp>

#include <doctest/doctest.h>

using toolkit::ErrorKind;
using toolkit::store::Location;
using toolkit::store::parse_location;

namespace {

Location parsed(const char* text) {
  CAPTURE(text);
  const auto location = parse_location(text);
  REQUIRE(location);
  CHECK(location->text == text);
  return *location;
}

struct Remote {
  const char *text, *user, *host, *path;
  int port = 0;
};

}  // namespace

TEST_CASE("what has no colon before its first slash is a local name") {
  for (const char* text : {"dir", "/dir/", ".", "./host:path", "/x/a:b", "a/b://c", "~/x", "-x"}) {
    const Location location = parsed(text);
    CHECK(location.kind == Location::Kind::local);
    CHECK(location.path == text);
  }
}

TEST_CASE("hosts are written as in rsync and as URLs") {
  const Remote cases[] = {
      {"host:path", "", "host", "path"},
      {"user@host:/path/", "user", "host", "/path/"},
      {"a@b@host:p", "a@b", "host", "p"},
      {"host:", "", "host", "."},
      {"host:a:b", "", "host", "a:b"},
      {"[::1]:path", "", "::1", "path"},
      {"user@[fe80::1]:~/x", "user", "fe80::1", "~/x"},
      {"user@s3:/path", "user", "s3", "/path"},
      {"sftp://host", "", "host", "."},
      {"sftp://host/", "", "host", "/"},
      {"sftp://u@host:2222/a/b/", "u", "host", "/a/b/", 2222},
      {"sftp://host/~/logs/", "", "host", "logs/"},
      {"sftp://host/~", "", "host", "."},
      {"sftp://host/~/", "", "host", "./"},
      {"sftp://[::1]:22/x", "", "::1", "/x", 22},
      {"sftp://a%40b@host/x%20y", "a@b", "host", "/x y"},
  };
  for (const Remote& expected : cases) {
    const Location location = parsed(expected.text);
    CHECK(location.kind == Location::Kind::sftp);
    CHECK(location.user == expected.user);
    CHECK(location.host == expected.host);
    CHECK(location.path == expected.path);
    CHECK(location.port.value_or(0) == expected.port);
  }
}

TEST_CASE("a bucket and its prefix") {
  const Location bare = parsed("s3://bucket");
  CHECK(bare.kind == Location::Kind::s3);
  CHECK(bare.bucket == "bucket");
  CHECK(bare.path.empty());
  CHECK(parsed("s3://bucket/").path.empty());
  CHECK(parsed("s3://bucket/a/b/").path == "a/b/");
}

TEST_CASE("behind a slash, a dot or two, and in a bucket, the contents are meant") {
  for (const char* text : {"a/", "/", ".", "..", "a/.", "a/..", "host:", "s3://b", "s3://b/p/"}) {
    CHECK_MESSAGE(parsed(text).means_contents(), text);
  }
  for (const char* text : {"a", "a/b", ".a", "a..", "host:a", "s3://b/p", "sftp://h/x"}) {
    CHECK_MESSAGE(!parsed(text).means_contents(), text);
  }
}

TEST_CASE("what cannot be a place is a usage error with the right form beside it") {
  for (const char* text : {"",
                           ":path",
                           "host::module",
                           "@host:x",
                           "user@:x",
                           "rsync://h/m",
                           "http://h/x",
                           "file:///x",
                           "sftp://",
                           "sftp:///x",
                           "sftp://u@/x",
                           "sftp://@h/x",
                           "sftp://h:0/x",
                           "sftp://h:65536/x",
                           "sftp://h:/x",
                           "sftp://h:x/",
                           "sftp://[::1/x",
                           "sftp://h/%zz",
                           "sftp://h/%00",
                           "sftp://h/%2",
                           "s3://",
                           "s3:///x",
                           "s3:/b/x",
                           "sftp:/h/x",
                           "-oProxyCommand=x:y",
                           "sftp://-ox/y"}) {
    CAPTURE(text);
    const auto location = parse_location(text);
    REQUIRE_FALSE(location);
    CHECK(location.error().kind == ErrorKind::usage);
    CHECK_FALSE(location.error().remedy.empty());
  }
}

TEST_CASE("a password in a location is refused and never repeated") {
  for (const char* text : {"sftp://u:geheim@host/x", "sftp://:geheim@host/x",
                           "s3://AKIA:geheim@bucket/x", "s3://geheim@bucket/x"}) {
    CAPTURE(text);
    const auto location = parse_location(text);
    REQUIRE_FALSE(location);
    CHECK((location.error().message + location.error().remedy).find("geheim") == std::string::npos);
  }
}
