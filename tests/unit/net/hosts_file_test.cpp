#include <doctest/doctest.h>
#include <src/net/hosts_file.hpp>
#include <tests/support/temp_dir.hpp>

using toolkit::net::Address;
using toolkit::net::hosts;
using toolkit::net::hosts_in;
using toolkit::support::TempDir;

namespace {

std::string text_of(const std::vector<Address>& addresses) {
  std::string text;
  for (const Address& address : addresses) {
    text += (text.empty() ? "" : " ") + address.text();
  }
  return text;
}

}  // namespace

TEST_CASE("a hosts file gives every address of a name, whatever its case") {
  const std::string_view file =
      "# 10.0.0.9 db\n10.0.0.1\tother  DB # db2\n\n10.0.0.2 db\r\nnonsense db\n2001:db8::1 db\n"
      "10.0.0.3 dbx xdb";
  CHECK(text_of(hosts_in(file, "db", 1)) == "10.0.0.1:1 10.0.0.2:1 [2001:db8::1]:1");
  CHECK(text_of(hosts_in(file, "db2", 1)).empty());
  CHECK(text_of(hosts_in(file, "10.0.0.1", 1)).empty());
  CHECK(text_of(hosts_in("10.0.0.1 db", "db", 7)) == "10.0.0.1:7");
}

TEST_CASE("a hosts file is read anew at each lookup, with IPv6 first") {
  const TempDir dir;
  CHECK(hosts("db", 1, dir / "hosts").empty());
  const auto path = dir.write("hosts", "10.0.0.1 db\n2001:db8::1 db\n");
  CHECK(text_of(hosts("db", 1, path)) == "[2001:db8::1]:1 10.0.0.1:1");
}

TEST_CASE("localhost needs no hosts file") {
  for (const char* name : {"localhost", "a.LocalHost"}) {
    CHECK(text_of(hosts(name, 80, "/nonexistent")) == "[::1]:80 127.0.0.1:80");
  }
  CHECK(hosts("notlocalhost", 80, "/nonexistent").empty());
  const TempDir dir;
  CHECK(text_of(hosts("localhost", 80, dir.write("hosts", "127.0.0.5 localhost"))) ==
        "127.0.0.5:80");
}
