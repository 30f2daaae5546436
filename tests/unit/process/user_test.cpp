#include <toolkit/process/user.hpp>

#include <doctest/doctest.h>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

using toolkit::ErrorKind;
using toolkit::process::find_user;

namespace {

struct Root {
  toolkit::support::TempDir dir;
  Root() {
    dir.write("etc/passwd",
              "root:x:0:0:root:/root:/bin/bash\n"
              "# a comment\n\nbroken line\nshort:x\nbad:x:abc:1::/:\n"
              "train:x:1000:1000:Trainer,,,:/home/train:/bin/sh\n"
              "2000:x:1234:1234::/home/digits:\n"
              "dup:x:1000:77::/dup:/bin/false\n"
              "bare:x:5:6");
    dir.write("etc/group",
              "root:x:0:\nvideo:x:44:other,train\nrender:x:109:train\nbroken:x:zz:train\ntrain:x:"
              "1000:train\n"
              "gpu:x:500:trainer\nempty:x:501:\n4242:x:17:\n");
  }
  auto find(std::string_view text) const { return find_user(text, dir.path()); }
};

using Groups = std::vector<gid_t>;

}  // namespace

TEST_CASE("a user by name gets its groups, home and shell") {
  const Root root;
  const auto user = root.find("train");
  REQUIRE(user);
  CHECK(user->credentials.user == 1000);
  CHECK(user->credentials.group == 1000);
  CHECK(user->credentials.supplementary == Groups{1000, 44, 109});
  CHECK(user->name == "train");
  CHECK(user->home == "/home/train");
  CHECK(user->shell == "/bin/sh");
}

TEST_CASE("a known number is the first user that has it") {
  const Root root;
  const auto user = root.find("1000");
  REQUIRE(user);
  CHECK(user->name == "train");
  CHECK(user->credentials.supplementary == Groups{1000, 44, 109});
}

TEST_CASE("a name of digits comes before a number") {
  const Root root;
  CHECK(root.find("2000")->credentials.user == 1234);
  CHECK(root.find("5:4242")->credentials.group == 17);
}

TEST_CASE("an unknown number is allowed and keeps our group") {
  const Root root;
  const auto user = root.find("65534");
  REQUIRE(user);
  CHECK(user->credentials.user == 65534);
  CHECK(user->credentials.group == ::getegid());
  CHECK(user->credentials.supplementary == Groups{::getegid()});
  CHECK(user->name.empty());
  CHECK(user->home.empty());
}

TEST_CASE("a group that is given is the only one") {
  const Root root;
  for (const char* text : {"train:video", "1000:44"}) {
    const auto user = root.find(text);
    REQUIRE(user);
    CHECK(user->credentials.group == 44);
    CHECK(user->credentials.supplementary == Groups{44});
    CHECK(user->home == "/home/train");
  }
  CHECK(root.find("12:34")->credentials.group == 34);
}

TEST_CASE("a last line without all fields is still a user") {
  const Root root;
  CHECK(root.find("bare")->credentials.group == 6);
}

TEST_CASE("unknown names are not found") {
  const Root root;
  for (const char* text : {"nobody", "bad", "short", "-1", "4294967295", "1e3", "train:nogroup",
                           "train:broken", "train:-1"}) {
    CAPTURE(text);
    const auto user = root.find(text);
    REQUIRE_FALSE(user);
    CHECK(user.error().kind == ErrorKind::not_found);
  }
  CHECK(root.find("nobody").error().message == "no user 'nobody' in " + (root.dir / "etc/passwd"));
}

TEST_CASE("half a user is a usage error") {
  const Root root;
  for (const char* text : {"", ":", ":0", "train:"}) {
    CAPTURE(text);
    REQUIRE_FALSE(root.find(text));
    CHECK(root.find(text).error().kind == ErrorKind::usage);
  }
  CHECK_FALSE(root.find("train:video:x"));
}

TEST_CASE("numbers work in an image without any files") {
  const toolkit::support::TempDir empty;
  CHECK(find_user("7:8", empty.path())->credentials.supplementary == Groups{8});
  CHECK(find_user("root", empty.path()).error().kind == ErrorKind::not_found);
}

TEST_CASE("this machine's root is found") {
  const auto user = find_user("root");
  REQUIRE(user);
  CHECK(user->credentials.user == 0);
}
