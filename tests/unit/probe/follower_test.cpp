#include <doctest/doctest.h>
#include <src/probe/follower.hpp>
#include <sys/stat.h>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

using toolkit::probe::Follower;
using toolkit::support::TempDir;

namespace {

void append(const std::string& path, std::string_view bytes) {
  std::FILE* const file = std::fopen(path.c_str(), "a");
  REQUIRE(file != nullptr);
  REQUIRE(std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
  std::fclose(file);
}

// Whole lines with a full stop behind them, parts without.
std::string read_new(Follower& follower) {
  std::string lines;
  do {
    const auto stopped = follower.read(
        [&](std::string_view line, bool ended) {
          lines += std::string(line) + (ended ? ". " : " ");
          return false;
        },
        toolkit::SteadyTime::max());
    REQUIRE(stopped);
    CHECK_FALSE(*stopped);
  } while (follower.has_more());
  return lines;
}

}  // namespace

TEST_CASE("a follower reads what is there, and then only what is new") {
  const TempDir dir;
  const std::string path = dir.write("log", "one\r\ntwo\nthr");
  Follower follower(path, false);
  CHECK(read_new(follower) == "one. two. thr ");
  append(path, "ee\nfour\n");
  CHECK(read_new(follower) == "three. four. ");
  CHECK(read_new(follower).empty());
  append(path, "\n");
  CHECK(read_new(follower) == ". ");
}

TEST_CASE("a follower from the end leaves out what is there, but nothing of a later file") {
  const TempDir dir;
  Follower follower(dir.write("log", "old\n"), true);
  CHECK(read_new(follower).empty());
  append(dir / "log", "new\n");
  CHECK(read_new(follower) == "new. ");
  Follower later(dir / "later", true);
  const auto nothing = later.read([](std::string_view, bool) { return false; }, {});
  CHECK(nothing.error() == ENOENT);
  dir.write("later", "all of it\n");
  CHECK(read_new(later) == "all of it. ");
}

TEST_CASE("a follower goes on over a rotation by rename, with what still comes to the old file") {
  const TempDir dir;
  const std::string path = dir.write("log", "1\n");
  Follower follower(path, false);
  CHECK(read_new(follower) == "1. ");
  append(path, "2\n");
  REQUIRE(::rename(path.c_str(), (dir / "log.1").c_str()) == 0);
  append(dir / "log.1", "3\n");
  CHECK(read_new(follower) == "2. 3. ");  // and no new file yet
  dir.write("log", "4\n");
  CHECK(read_new(follower) == "4. ");
  append(dir / "log.1", "late\n");
  append(path, "5\n");
  CHECK(read_new(follower) == "late. 5. ");
  REQUIRE(::rename(path.c_str(), (dir / "log.2").c_str()) == 0);
  dir.write("log", "6\n");
  CHECK(read_new(follower) == "6. ");
}

TEST_CASE("a follower begins again after a truncation") {
  const TempDir dir;
  const std::string path = dir.write("log", "long line of before\npart");
  Follower follower(path, false);
  CHECK(read_new(follower) == "long line of before. part ");
  REQUIRE(::truncate(path.c_str(), 0) == 0);
  append(path, "new\n");
  CHECK(read_new(follower) == "new. ");
}

TEST_CASE("a follower gives long lines in pieces, and no byte twice") {
  const TempDir dir;
  const std::string line(150'000, 'x');
  Follower follower(dir.write("log", line + "\nnext\n"), false);
  std::vector<std::size_t> sizes;
  REQUIRE(follower.read(
      [&](std::string_view piece, bool) {
        sizes.push_back(piece.size());
        return false;
      },
      toolkit::SteadyTime::max()));
  CHECK(sizes == std::vector<std::size_t>{65536, 65536, 150'000 - 2 * 65536, 4});
}

TEST_CASE("a follower stops at its time and goes on with the next read") {
  const TempDir dir;
  std::string text;
  for (int i = 0; i < 50'000; ++i) {
    text += "line\n";
  }
  Follower follower(dir.write("log", text), false);
  int lines = 0, reads = 0;
  do {
    REQUIRE(follower.read(
        [&](std::string_view, bool) {
          ++lines;
          return false;
        },
        {}));
    ++reads;
  } while (follower.has_more());
  CHECK(lines == 50'000);
  CHECK(reads > 2);
}

TEST_CASE("a follower says what cannot be read") {
  const TempDir dir;
  const auto error_of = [&](const std::string& name) {
    Follower follower(dir / name, false);
    return follower.read([](std::string_view, bool) { return false; }, {}).error();
  };
  CHECK(error_of("nothing") == ENOENT);
  dir.write("file", "");
  CHECK(error_of("file/below") == ENOTDIR);
  REQUIRE(::mkdir((dir / "directory").c_str(), 0755) == 0);
  CHECK(error_of("directory") == EISDIR);
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0644) == 0);
  CHECK(error_of("fifo") == ESPIPE);
  REQUIRE(::symlink("loop", (dir / "loop").c_str()) == 0);
  CHECK(error_of("loop") == ELOOP);
}
