#include <doctest/doctest.h>
#include <sys/statvfs.h>
#include <tests/support/drive_probe.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/unit/probe/stuck_directory.hpp>
#include <tests/unit/probe/typed.hpp>

using namespace toolkit::support;
using namespace std::chrono_literals;
using toolkit::probe::make_disk;
using toolkit::probe::Reason;

namespace {

toolkit::probe::Finding look(const std::string& operand) {
  return attempt(*typed_probe(make_disk, operand));
}

}  // namespace

TEST_CASE("disk: what is free for users") {
  const TempDir dir;
  struct statvfs status {};
  REQUIRE(::statvfs(dir.path().c_str(), &status) == 0);
  const auto free = std::uint64_t{status.f_bavail} * status.f_frsize;
  CHECK(look("disk:" + dir.path() + " free>=" + std::to_string(free / 2)).met);
  const auto more = look("disk:" + dir.path() + " free>=" + std::to_string(free * 2));
  CHECK(more.reason == Reason::not_yet);
  CHECK(more.words.find(" free, wanted at least ") != std::string::npos);
  CHECK(look("disk:" + (dir / "none") + " free>0").reason == Reason::absent);
}

TEST_CASE("disk: a stuck file system is given up in time") {
  const StuckDirectory stuck;
  if (!stuck.is_stuck()) {
    MESSAGE("skipped: FUSE wants root and /dev/fuse");
    return;
  }
  const auto probe = typed_probe(make_disk, "disk:" + stuck.path() + " free>0");
  CHECK(attempt(*probe, 100ms).reason == Reason::timed_out);
}

TEST_CASE("disk: mistakes have their place") {
  CHECK(typed_mistake(make_disk, "disk:/x") == "disk: wants a size\n/x");
  CHECK(typed_mistake(make_disk, "disk:/x free>=some").ends_with("\nsome"));
  CHECK(typed_mistake(make_disk, "disk:/x used>1") == "disk: has no 'used'\nused");
}
