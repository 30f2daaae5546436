#include <doctest/doctest.h>
#include <src/probe/mount_table.hpp>

using toolkit::probe::mounted_at;
using toolkit::probe::plain_path;

namespace {

// The first line is the example of proc_pid_mountinfo(5).
constexpr const char* kTable =
    "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n"
    "40 35 0:50 / /data\\040set rw - nfs4 server:/export\\040x rw,vers=4.2\n"
    "41 40 0:51 / /data\\040set ro shared:1 master:2 propagate_from:3 - tmpfs none rw\n"
    "42 35 0:52 / /short rw\n";

}  // namespace

TEST_CASE("a mount is found by its exact path, and the last one covers the others") {
  const auto first = mounted_at(kTable, "/mnt2");
  REQUIRE(first);
  CHECK(first->type == "ext3");
  CHECK(first->source == "/dev/root");
  const auto last = mounted_at(kTable, "/data set");
  REQUIRE(last);
  CHECK(last->type == "tmpfs");
  CHECK_FALSE(mounted_at(kTable, "/mnt"));
  CHECK_FALSE(mounted_at(kTable, "/mnt2/below"));
  CHECK_FALSE(mounted_at(kTable, "/short"));
  CHECK_FALSE(mounted_at("", "/"));
}

TEST_CASE("paths are made plain by their words alone") {
  CHECK(plain_path("/a/b/", "/w") == "/a/b");
  CHECK(plain_path("//a/./b//c/..", "/w") == "/a/b");
  CHECK(plain_path("b", "/w/x") == "/w/x/b");
  CHECK(plain_path("../b", "/w/x") == "/w/b");
  CHECK(plain_path("/../..", "/w") == "/");
  CHECK(plain_path("/", "/w") == "/");
}
