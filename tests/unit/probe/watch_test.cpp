#include <doctest/doctest.h>
#include <src/probe/watch.hpp>
#include <sys/stat.h>
#include <tests/support/drive_probe.hpp>
#include <tests/support/inside.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/unit/probe/typed.hpp>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <functional>

using toolkit::probe::Watch;
using namespace toolkit::support;

namespace {

// Whether an event of `action` concerns the watch.
bool is_stirred_by(Watch& watch, const std::function<void()>& action) {
  watch.hear();
  watch.calm();
  watch.aim();
  watch.hear();
  REQUIRE_FALSE(watch.stirred());
  action();
  pollfd entry = watch.entry();
  (void)::poll(&entry, 1, 200);
  watch.hear();
  return watch.stirred();
}

void append(const std::string& path) {
  std::FILE* const file = std::fopen(path.c_str(), "a");
  REQUIRE(file != nullptr);
  std::fputs("x", file);
  std::fclose(file);
}

}  // namespace

TEST_CASE("a watch tells of everything that can happen to a file") {
  const TempDir dir;
  const std::string path = dir / "file";
  Watch watch(path);
  CHECK(is_stirred_by(watch, [&] { dir.write("file", "1"); }));
  CHECK(is_stirred_by(watch, [&] { append(path); }));
  CHECK(is_stirred_by(watch, [&] { REQUIRE(::chmod(path.c_str(), 0600) == 0); }));
  CHECK(is_stirred_by(watch, [&] { REQUIRE(::truncate(path.c_str(), 0) == 0); }));
  dir.write("other", "2");
  CHECK(
      is_stirred_by(watch, [&] { REQUIRE(::rename((dir / "other").c_str(), path.c_str()) == 0); }));
  CHECK(is_stirred_by(watch, [&] { append(path); }));
  CHECK(
      is_stirred_by(watch, [&] { REQUIRE(::rename(path.c_str(), (dir / "other").c_str()) == 0); }));
  dir.write("file", "1");
  CHECK(is_stirred_by(watch, [&] { REQUIRE(::unlink(path.c_str()) == 0); }));
}

TEST_CASE("a watch is not stirred by its neighbours") {
  const TempDir dir;
  Watch watch(dir / "file");
  CHECK_FALSE(is_stirred_by(watch, [&] { dir.write("other", "1"); }));
  CHECK_FALSE(is_stirred_by(watch, [&] { append(dir / "other"); }));
  dir.write("file", "1");
  CHECK_FALSE(is_stirred_by(watch, [&] { append(dir / "other"); }));
}

TEST_CASE("a watch waits at the nearest parent that there is") {
  const TempDir dir;
  Watch watch(dir / "a/b/c/file");
  CHECK_FALSE(is_stirred_by(watch, [&] { dir.write("x/y", ""); }));
  CHECK(is_stirred_by(watch, [&] { REQUIRE(::mkdir((dir / "a").c_str(), 0755) == 0); }));
  CHECK(is_stirred_by(watch, [&] { REQUIRE(::mkdir((dir / "a/b").c_str(), 0755) == 0); }));
  CHECK(is_stirred_by(watch, [&] { REQUIRE(::mkdir((dir / "a/b/c").c_str(), 0755) == 0); }));
  CHECK(is_stirred_by(watch, [&] { dir.write("a/b/c/file", ""); }));
}

TEST_CASE("a watch on a link tells of both of its ends") {
  const TempDir dir;
  const std::string target = dir.write("elsewhere/target", "");
  REQUIRE(::symlink(target.c_str(), (dir / "link").c_str()) == 0);
  Watch watch(dir / "link");
  CHECK(is_stirred_by(watch, [&] { append(target); }));
  CHECK(is_stirred_by(watch, [&] { REQUIRE(::unlink((dir / "link").c_str()) == 0); }));
}

TEST_CASE("two watches on one directory do not lose each other's events") {
  const TempDir dir;
  Watch first(dir / "a");
  Watch second(dir / "b");
  first.aim();
  {
    Watch third(dir / "c");
    third.aim();
  }
  CHECK(is_stirred_by(second, [&] { dir.write("b", ""); }));
  CHECK_FALSE(first.stirred());
  second.calm();
  dir.write("a", "");
  second.hear();  // one descriptor for all: whoever reads it tells everybody
  CHECK(first.stirred());
  CHECK_FALSE(second.stirred());
}

namespace {

// In a user namespace, where limits are our own: user_namespaces(7), /proc/sys/user.
std::vector<std::string> with_none_of(const char* what) {
  return {"unshare", "--user", "--map-root-user",
          "sh",      "-c",     "echo 0 > /proc/sys/user/max_inotify_$0 && exec \"$@\"",
          what};
}

bool has_user_namespaces() {
  const bool has = run_program({"unshare", "--user", "--map-root-user", "test", "-w",
                                "/proc/sys/user/max_inotify_watches"})
                       .exit_code == 0;
  if (!has) {
    MESSAGE("skipped: no user namespace with limits of its own can be made here");
  }
  return has;
}

}  // namespace

TEST_CASE("without watches left there is a trouble, once, and no event") {
  if (!has_user_namespaces() || !is_inside("without watches left*", with_none_of("watches"))) {
    return;
  }
  const TempDir dir;
  Watch watch(dir / "file");
  watch.aim();
  CHECK(watch.take_trouble() == ENOSPC);
  CHECK(watch.take_trouble() == 0);
  CHECK_FALSE(is_stirred_by(watch, [&] { dir.write("file", ""); }));
}

TEST_CASE("without inotify files are still looked at by the clock") {
  if (!has_user_namespaces() || !is_inside("without inotify*", with_none_of("instances"))) {
    return;
  }
  const TempDir dir;
  Watch watch(dir / "file");
  watch.aim();
  CHECK(watch.entry().fd == -1);
  CHECK(watch.take_trouble() == EMFILE);
  const auto probe = typed_probe(toolkit::probe::make_file, "file:" + (dir / "file"));
  CHECK_FALSE(attempt(*probe).met);
  dir.write("file", "");
  CHECK(drive_until_met(*probe, std::chrono::seconds(20), std::chrono::milliseconds(50)).met);
}
