#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <tests/support/drive_probe.hpp>
#include <tests/support/inside.hpp>
#include <tests/unit/probe/stuck_directory.hpp>
#include <tests/unit/probe/typed.hpp>
#include <unistd.h>

#include <thread>

using namespace toolkit::support;
using namespace std::chrono_literals;
using toolkit::probe::Finding;
using toolkit::probe::make_mount;
using toolkit::probe::Reason;

namespace {

Finding look(const std::string& operand) { return attempt(*typed_probe(make_mount, operand)); }

}  // namespace

TEST_CASE("mount: what every machine has") {
  const Finding root = look("mount:/");
  const Finding proc = look("mount:/proc type=proc");
  CHECK(proc.met);
  CHECK(root.met == look("mount:/..").met);
  CHECK(look("mount:/proc type=nfs4").words == "proc is mounted there, wanted nfs4");
  const TempDir dir;
  CHECK(look("mount:" + dir.path()).reason == Reason::absent);
  CHECK(look("mount:" + dir.path()).words == "nothing is mounted there");
  CHECK(look("mount:" + (dir / "none")).words == "does not exist");
  REQUIRE(::symlink("/proc", (dir / "link").c_str()) == 0);
  CHECK(look("mount:" + (dir / "link")).met);
}

TEST_CASE("mount: is told of mounts by events, and of what may be written there") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can mount");
    return;
  }
  if (!is_inside("mount: is told of mounts by events*",
                 {"unshare", "--mount", "--propagation", "private"})) {
    return;
  }
  const TempDir dir;
  const std::string path = dir / "point";
  REQUIRE(::mkdir(path.c_str(), 0755) == 0);
  const auto probe = typed_probe(make_mount, "mount:" + path + " type=tmpfs writable=yes");
  CHECK(attempt(*probe).reason == Reason::absent);
  std::thread mounter([&] {
    std::this_thread::sleep_for(20ms);
    REQUIRE(::mount("scratch", path.c_str(), "tmpfs", 0, "size=64k") == 0);
  });
  const auto begin = std::chrono::steady_clock::now();
  const Finding finding = drive_until_met(*probe, 20s, 20s);
  mounter.join();
  CHECK(finding.met);
  CHECK(finding.words == "tmpfs from scratch");
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  REQUIRE(::mount("scratch", path.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, "size=64k") == 0);
  CHECK(attempt(*probe).words == "is mounted read-only");
  CHECK(look("mount:" + path).met);
  REQUIRE(::umount2(path.c_str(), 0) == 0);
  CHECK_FALSE(attempt(*probe).met);
}

TEST_CASE("mount: a stuck file system is a mount all the same") {
  const StuckDirectory stuck;
  if (!stuck.is_stuck()) {
    MESSAGE("skipped: FUSE wants root and /dev/fuse");
    return;
  }
  CHECK(look("mount:" + stuck.path() + " type=fuse").met);
  const auto probe = typed_probe(make_mount, "mount:" + stuck.path() + " writable=yes");
  CHECK(attempt(*probe, 100ms).reason == Reason::timed_out);
}

TEST_CASE("mount: without /proc it cannot be seen") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can mount");
    return;
  }
  if (!is_inside("mount: without /proc*", {"unshare", "--mount", "--propagation", "private"})) {
    return;
  }
  REQUIRE(::mount("nothing", "/proc", "tmpfs", 0, "size=64k") == 0);
  const Finding finding = look("mount:/");
  CHECK_FALSE(finding.met);
  CHECK(finding.reason == Reason::unknown);
  CHECK(finding.words.find("/proc/self/mountinfo") != std::string::npos);
}

TEST_CASE("mount: mistakes have their place") {
  CHECK(typed_mistake(make_mount, "mount:/x writable=no") == "writable= knows only yes\nno");
  CHECK(typed_mistake(make_mount, "mount:/x type>nfs") ==
        "'type' goes with = and not with >\ntype>nfs");
  CHECK(typed_mistake(make_mount, "mount:/x size>1").ends_with("\nsize"));
}
