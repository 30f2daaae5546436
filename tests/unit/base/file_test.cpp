#include <toolkit/base/file.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

using namespace toolkit;
using support::TempDir;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("an opened file is not passed on to children") {
  const auto fd = open_file("/dev/null", O_RDONLY);
  REQUIRE(fd);
  CHECK((::fcntl(fd->get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("what cannot be opened is named") {
  const TempDir dir;
  const auto fd = open_file(dir / "none", O_RDONLY);
  REQUIRE_FALSE(fd);
  CHECK(fd.error().message == "cannot open " + (dir / "none") + ": no such file or directory");
  CHECK(toolkit::read_file(dir.path()).error().message ==
        "cannot read " + dir.path() + ": is a directory");
}

TEST_CASE("files are read whole, also those without a size, and up to the limit") {
  const TempDir dir;
  const std::string bytes = std::string(100'000, 'x') + std::string("\0y", 2);
  const std::string path = dir.write("f", bytes);
  CHECK(toolkit::read_file(path) == bytes);
  CHECK(toolkit::read_file(path, 10) == "xxxxxxxxxx");
  CHECK(toolkit::read_file(path, 0) == "");
  CHECK(toolkit::read_file("/proc/self/stat")->size() > 50);
}

TEST_CASE(
    "a directory is listed in order, without what is hidden; one that is not there is empty") {
  const TempDir dir;
  dir.write("b", "");
  dir.write("a", "");
  dir.write(".hidden", "");
  dir.write("c/d", "");
  CHECK(sorted_entries(dir.path()) == std::vector<std::string>{"a", "b", "c"});
  CHECK(sorted_entries(dir / "none").empty());
}

TEST_CASE("all bytes are written to a pipe that takes them slowly") {
  int pipe_ends[2];
  REQUIRE(::pipe2(pipe_ends, O_CLOEXEC) == 0);
  const UniqueFd reading(pipe_ends[0]);
  UniqueFd writing(pipe_ends[1]);
  const std::string bytes(1 << 20, 'z');
  std::string received;
  std::thread reader([&] { received = read_all(reading.get(), 2 << 20).value_or("error"); });
  CHECK(write_all(writing.get(), bytes) == 0);
  writing.close();
  reader.join();
  CHECK(received == bytes);
}

TEST_CASE("a write that fails gives its errno") {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  CHECK(write_all(full.get(), "x") == ENOSPC);
  CHECK(write_all(-1, "x") == EBADF);
  CHECK(write_all(-1, "") == 0);
  CHECK(read_all(-1, 10).error() == EBADF);
}

TEST_CASE("a replaced file has the new bytes and exactly the mode") {
  const TempDir dir;
  const std::string path = dir.write("f", "old");
  const mode_t umask_before = ::umask(0077);
  const auto replaced = replace_file(path, "new", 0644);
  ::umask(umask_before);
  REQUIRE(replaced);
  CHECK(support::read_file(path) == "new");
  CHECK(mode_of(path) == 0644);
  REQUIRE(replace_file(path, "", 0600));
  CHECK(support::read_file(path).empty());
  CHECK(mode_of(path) == 0600);
  CHECK_FALSE(support::file_exists(path + ".tmp"));
}

TEST_CASE("a failed replacement leaves the old file and nothing beside it") {
  const TempDir dir;
  CHECK(replace_file(dir / "no/f", "x")
            .error()
            .message.starts_with("cannot open " + (dir / "no/f.tmp")));
  REQUIRE(::mkdir((dir / "d").c_str(), 0755) == 0);
  CHECK(replace_file(dir / "d", "x").error().message ==
        "cannot write " + (dir / "d") + ": is a directory");
  CHECK_FALSE(support::file_exists(dir / "d.tmp"));
}

TEST_CASE("a reader sees the old file or the new one, never a part") {
  const TempDir dir;
  const std::string path = dir / "f";
  REQUIRE(replace_file(path, std::string(5000, 'a')));
  std::atomic<bool> stop = false;
  int bad = 0;
  std::thread reader([&] {
    while (!stop) {
      const auto bytes = toolkit::read_file(path);
      bad += bytes && bytes->size() == 5000 &&
                     bytes->find_first_not_of((*bytes)[0]) == std::string::npos
                 ? 0
                 : 1;
    }
  });
  for (int i = 0; i < 300; ++i) {
    REQUIRE(replace_file(path, std::string(5000, static_cast<char>('a' + i % 26))));
  }
  stop = true;
  reader.join();
  CHECK(bad == 0);
}

TEST_CASE("directories are made with all above them") {
  const TempDir dir;
  CHECK(make_directories(dir / "a/b//c/"));
  CHECK(mode_of(dir / "a/b/c") == 0755);
  CHECK(make_directories(dir / "a/b"));
  CHECK(make_directories("/"));
  dir.write("file", "");
  CHECK(make_directories(dir / "file").error().message ==
        "cannot create directory " + (dir / "file") + ": not a directory");
  CHECK_FALSE(make_directories(dir / "file/x"));
  CHECK_FALSE(make_directories(""));
}
