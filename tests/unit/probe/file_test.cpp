#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tests/support/drive_probe.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/unit/probe/stuck_directory.hpp>
#include <tests/unit/probe/typed.hpp>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <thread>

using namespace toolkit::support;
using namespace std::chrono_literals;
using toolkit::probe::Finding;
using toolkit::probe::make_file;
using toolkit::probe::Reason;

namespace {

// With time for a look at megabytes where each byte is slow, as in an instrumented build.
Finding look(const std::string& operand) {
  const auto probe = typed_probe(make_file, operand);
  return attempt(*probe, 60s);
}

void set_time(const std::string& path, long seconds_ago) {
  timespec times[2]{};
  ::clock_gettime(CLOCK_REALTIME, &times[0]);
  times[0].tv_sec -= seconds_ago;
  times[1] = times[0];
  REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

// How long after `action` the probe says that it is met, by events alone.
std::chrono::microseconds latency(const std::string& operand, const std::function<void()>& action) {
  const auto probe = typed_probe(make_file, operand);
  REQUIRE_FALSE(attempt(*probe).met);
  std::chrono::steady_clock::time_point acted;
  std::thread actor([&] {
    std::this_thread::sleep_for(20ms);
    acted = std::chrono::steady_clock::now();
    action();
  });
  const Finding finding = drive_until_met(*probe, 20s, 20s);
  const auto seen = std::chrono::steady_clock::now();
  actor.join();
  CHECK(finding.met);
  return std::chrono::duration_cast<std::chrono::microseconds>(seen - acted);
}

}  // namespace

TEST_CASE("file: is met by whatever has that name") {
  const TempDir dir;
  CHECK(look("file:" + dir.path()).met);
  CHECK(look("file:" + dir.write("empty", "")).met);
  const Finding absent = look("file:" + (dir / "nothing"));
  CHECK_FALSE(absent.met);
  CHECK_FALSE(absent.final);
  CHECK(absent.reason == Reason::absent);
  CHECK(absent.words == "does not exist");
  CHECK(look("file:" + (dir / "*.pt")).words ==
        "does not exist (a name is taken as it is, without globs)");
  CHECK(look("file:" + (dir / "empty/below")).reason == Reason::absent);
}

TEST_CASE("file: a link that leads nowhere is neither there nor absent") {
  const TempDir dir;
  REQUIRE(::symlink("nowhere", (dir / "link").c_str()) == 0);
  const Finding finding = look("file:" + (dir / "link"));
  CHECK(finding.reason == Reason::absent);
  CHECK(finding.words == "a link to nothing");
  const Finding absence = look("file:" + (dir / "link") + " state=absent");
  CHECK_FALSE(absence.met);
  CHECK(absence.words == "a link to nothing is still there");
  REQUIRE(::symlink("loop", (dir / "loop").c_str()) == 0);
  CHECK(look("file:" + (dir / "loop")).reason == Reason::unknown);
  CHECK(look("file:" + (dir / "loop")).words == "too many levels of symbolic links");
  CHECK_FALSE(look("file:" + (dir / "loop") + " state=absent").met);
}

TEST_CASE("file: state=absent is met by nothing alone") {
  const TempDir dir;
  CHECK(look("file:" + (dir / "nothing") + " state=absent").met);
  CHECK(look("file:" + dir.write("file", "") + " state=absent").words == "is still there");
  CHECK(look("file:" + (dir / "file/below") + " state=absent").met);
}

TEST_CASE("file: what may not be looked at is unknown, and neither there nor absent") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can become another user");
    return;
  }
  const TempDir dir;
  dir.write("closed/file", "x");
  dir.write("secret", "x", 0600);
  REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
  REQUIRE(::chmod((dir / "closed").c_str(), 0700) == 0);
  const auto there = typed_probe(make_file, "file:" + (dir / "closed/file"));
  const auto absent = typed_probe(make_file, "file:" + (dir / "closed/file") + " state=absent");
  const auto content = typed_probe(make_file, "file:" + (dir / "secret") + " content~x");
  // Threads have an identity of their own, so a whole process has to change it.
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) {
      ::_exit(2);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(status == 0);
  REQUIRE(::seteuid(65534) == 0);
  const Finding findings[] = {attempt(*there), attempt(*absent), attempt(*content)};
  REQUIRE(::seteuid(0) == 0);
  for (const Finding& finding : findings) {
    CHECK_FALSE(finding.met);
    CHECK(finding.reason == Reason::unknown);
    CHECK(finding.words == "permission denied");
  }
}

TEST_CASE("file: size") {
  const TempDir dir;
  const std::string file = "file:" + dir.write("file", std::string(2048, 'x'));
  CHECK(look(file + " size>0").met);
  CHECK(look(file + " size>=2K").met);
  CHECK(look(file + " size>1K size<3K").met);
  CHECK(look(file + " size=2048").met);
  CHECK_FALSE(look(file + " size!=2K").met);
  const Finding small = look(file + " size>=10M");
  CHECK(small.reason == Reason::not_yet);
  CHECK(small.words == "2.0 KiB, wanted at least 10.0 MiB");
  CHECK(look("file:" + dir.path() + " size>0").words == "is a directory");
}

TEST_CASE("file: stable begins anew with every change") {
  const TempDir dir;
  const std::string path = dir.write("file", "x");
  set_time(path, 3600);  // a time in the past proves nothing
  const auto probe = typed_probe(make_file, "file:" + path + " stable=300ms");
  const auto begin = std::chrono::steady_clock::now();
  CHECK(attempt(*probe).words.starts_with("unchanged for "));
  std::this_thread::sleep_for(100ms);
  dir.write("file", "xx");
  const Finding finding = drive_until_met(*probe, 20s, 20s);
  CHECK(finding.met);
  CHECK(std::chrono::steady_clock::now() - begin >= 400ms);
}

TEST_CASE("file: newer than a duration or than another file") {
  const TempDir dir;
  const std::string path = dir.write("file", "");
  const std::string other = dir.write("other", "");
  set_time(path, 600);
  set_time(other, 900);
  CHECK(look("file:" + path + " newer=15m").met);
  CHECK(look("file:" + path + " newer=" + other).met);
  CHECK(look("file:" + path + " newer=5m").words == "last written 10m 00s ago");
  set_time(other, 300);
  CHECK(look("file:" + path + " newer=" + other).words == "not newer than " + other);
  CHECK(look("file:" + path + " newer=" + path).reason == Reason::not_yet);
  const Finding missing = look("file:" + path + " newer=" + (dir / "none"));
  CHECK_FALSE(missing.met);
  CHECK(missing.words == (dir / "none") + ": does not exist");
}

TEST_CASE("file: content in the lines of the first and the last MiB") {
  const TempDir dir;
  const std::string middle(3 << 20, 'x');
  const std::string file = "file:" + dir.write("file", "first\n" + middle + "\nlast\n");
  CHECK(look(file + " content~^first$").met);
  CHECK(look(file + " content~^last$").met);
  CHECK(look(file + " content~nothing").words == "no such content");
  CHECK(look("file:" + dir.path() + " content~x").words == "is a directory");
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0644) == 0);
  CHECK(look("file:" + (dir / "fifo") + " content~x").words == "is not a regular file");
}

TEST_CASE(
    "file: events tell of what is made, moved in, written, deleted and below new directories") {
  const TempDir dir;
  dir.write("other", "content");
  // The bar is 2 ms on a quiet machine; here only that no look by the clock was needed.
  CHECK(latency("file:" + (dir / "made"), [&] { dir.write("made", ""); }) < 5s);
  CHECK(latency("file:" + (dir / "moved") + " size>0",
                [&] { ::rename((dir / "other").c_str(), (dir / "moved").c_str()); }) < 5s);
  CHECK(latency("file:" + (dir / "made") + " size>0", [&] { dir.write("made", "x"); }) < 5s);
  CHECK(latency("file:" + (dir / "made") + " content~done", [&] { dir.write("made", "done"); }) <
        5s);
  CHECK(latency("file:" + (dir / "made") + " state=absent",
                [&] { ::unlink((dir / "made").c_str()); }) < 5s);
  CHECK(latency("file:" + (dir / "a/b/c/file"), [&] { dir.write("a/b/c/file", ""); }) < 5s);
}

TEST_CASE("file: no directory that is made while it looks is missed") {
  const TempDir dir;
  int missed = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string name = std::to_string(i) + "/a/b/c/file";
    const auto probe = typed_probe(make_file, "file:" + (dir / name));
    std::thread maker([&] { dir.write(name, ""); });
    const auto begin = std::chrono::steady_clock::now();
    CHECK(drive_until_met(*probe, 20s, 5s).met);
    missed += std::chrono::steady_clock::now() - begin < 5s ? 0 : 1;  // seen by the clock only
    maker.join();
  }
  CHECK(missed == 0);
}

TEST_CASE("file: a stuck file system is given up in time, and answers once it is back") {
  StuckDirectory stuck;
  if (!stuck.is_stuck()) {
    MESSAGE("skipped: FUSE wants root and /dev/fuse");
    return;
  }
  const auto probe = typed_probe(make_file, "file:" + stuck.path() + "/file");
  for (int i = 0; i < 3; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const Finding finding = attempt(*probe, 100ms);
    CHECK(finding.reason == Reason::timed_out);
    CHECK(finding.words.starts_with("the file system has not answered for "));
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
  }
  const TempDir dir;
  CHECK(look("file:" + dir.path()).met);  // others are not held up
  stuck.let_go();
  const Finding finding = drive_until(
      *probe, [](const Finding& seen) { return seen.reason != Reason::timed_out; }, 20s, 20s);
  CHECK(finding.reason == Reason::unknown);
  CHECK(finding.words == "transport endpoint is not connected");
}

TEST_CASE("file: a probe may be forgotten while its look is stuck") {
  StuckDirectory stuck;
  if (!stuck.is_stuck()) {
    MESSAGE("skipped: FUSE wants root and /dev/fuse");
    return;
  }
  CHECK(attempt(*typed_probe(make_file, "file:" + stuck.path()), 50ms).reason == Reason::timed_out);
}

TEST_CASE("file: a log that is written all the time costs few looks") {
  const TempDir dir;
  const std::string path = dir.write("log", "");
  const auto probe = typed_probe(make_file, "file:" + path + " content~never");
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    std::FILE* const file = std::fopen(path.c_str(), "a");
    while (!stop) {
      std::fputs("x\n", file);
      std::fflush(file);
      std::this_thread::sleep_for(100us);
    }
    std::fclose(file);
  });
  int looks = 0;
  (void)drive_until(
      *probe,
      [&](const Finding&) {
        ++looks;
        return false;
      },
      500ms);
  stop = true;
  writer.join();
  CHECK(looks < 60);  // 25 gaps of 20 ms, and the short ones before
  CHECK(looks > 2);
}

TEST_CASE("file: mistakes have their place") {
  CHECK(typed_mistake(make_file, "file:/x state=gone") == "'gone' is no state of a file\ngone");
  CHECK(typed_mistake(make_file, "file:/x size~1") == "'size' cannot be compared by ~\nsize~1");
  CHECK(typed_mistake(make_file, "file:/x size>lots").ends_with("\nlots"));
  CHECK(typed_mistake(make_file, "file:/x stable=soon").ends_with("\nsoon"));
  CHECK(typed_mistake(make_file, "file:/x stable>5s") ==
        "'stable' goes with = and not with >\nstable>5s");
  CHECK(typed_mistake(make_file, "file:/x content=ok") ==
        "'content' goes with ~ and not with =\ncontent=ok");
  CHECK(typed_mistake(make_file, "file:/x content~ab**") ==
        "'ab**' is not a regular expression: nothing to repeat\n*");
  CHECK(typed_mistake(make_file, "file:/x colour=red") == "file: has no 'colour'\ncolour");
  CHECK(typed_mistake(make_file, "file:/x state=absent size>0") ==
        "what is absent has nothing else to wait for\nsize");
}
