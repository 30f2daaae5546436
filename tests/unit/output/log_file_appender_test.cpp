#include "src/output/log_file_appender.hpp"

#include "src/output/rotation.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace toolkit::output {
namespace {

using support::read_file_or_empty;

std::vector<std::string> generations(const std::string& path, int keep) {
  std::vector<std::string> texts;
  for (int number = keep; number >= 0; --number) {
    texts.push_back(read_file_or_empty(generation_path(path, number)));
  }
  return texts;
}

void append_all(Appender& log, std::string_view bytes) {
  const Appender::Outcome outcome = log.append(bytes);
  REQUIRE(outcome.error == 0);
  REQUIRE(outcome.taken == bytes.size());
}

// The longest line of a text, its newline included.
std::size_t longest_line(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
    longest = std::max(longest, length);
    text.remove_prefix(length);
  }
  return longest;
}

TEST_CASE("a file is rotated before a line would pass its size") {
  const support::TempDir directory;
  const std::string path = directory / "train.log";
  Appender log({.path = path, .maximum_size = {10}, .keep = 3});
  append_all(log, "aaaa\nbbbb\ncccc\n");
  append_all(log, "dddd\n");
  CHECK(read_file_or_empty(path) == "cccc\ndddd\n");
  append_all(log, "e\n");
  CHECK(read_file_or_empty(path) == "e\n");
  CHECK(read_file_or_empty(path + ".1") == "cccc\ndddd\n");
  CHECK(read_file_or_empty(path + ".2") == "aaaa\nbbbb\n");
  LogFileStats stats;
  log.counts(stats);
  CHECK(stats.rotations == 2);
}

TEST_CASE("a line that is longer than the size stays whole, alone in its file") {
  const support::TempDir directory;
  const std::string path = directory / "train.log";
  Appender log({.path = path, .maximum_size = {10}, .keep = 3});
  append_all(log, "a\nlong lon");
  append_all(log, "g long ");
  append_all(log, "long\nb\n");
  CHECK(read_file_or_empty(path) == "b\n");
  CHECK(read_file_or_empty(path + ".1").ends_with("long long long long\n"));
}

TEST_CASE("a log in /dev/shm is rotated like any other") {
  if (::access("/dev/shm", W_OK) != 0) {
    MESSAGE("skipped: no /dev/shm to write to");
    return;
  }
  const std::string shared = "/dev/shm/toolkit_appender_" + std::to_string(::getpid());
  {
    Appender log({.path = shared, .maximum_size = {10}, .keep = 1});
    append_all(log, "aaaa\nbbbb\n");
    append_all(log, "cccc\n");
  }
  CHECK(read_file_or_empty(shared) == "cccc\n");
  CHECK(read_file_or_empty(shared + ".1") == "aaaa\nbbbb\n");
  std::filesystem::remove(shared);
  std::filesystem::remove(shared + ".1");
}

TEST_CASE("the oldest generation goes when there are enough") {
  const support::TempDir directory;
  const std::string path = directory / "train.log";
  Appender log({.path = path, .maximum_size = {4}, .keep = 2});
  append_all(log, "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
  CHECK(read_file_or_empty(path) == "9\n");
  CHECK(read_file_or_empty(path + ".1") == "7\n8\n");
  CHECK(read_file_or_empty(path + ".2") == "5\n6\n");
  CHECK_FALSE(support::file_exists(path + ".3"));
}

TEST_CASE("with no generation to keep a full file begins anew") {
  const support::TempDir directory;
  const std::string path = directory / "train.log";
  Appender log({.path = path, .maximum_size = {4}, .keep = 0});
  append_all(log, "1\n2\n3\n");
  CHECK(read_file_or_empty(path) == "3\n");
  CHECK_FALSE(support::file_exists(path + ".1"));
}

TEST_CASE("a file that is older than its age is rotated at the next line") {
  const support::TempDir directory;
  const std::string path = directory / "train.log";
  ByteSize size;
  SUBCASE("without a size") {}
  SUBCASE("that it has not reached") { size.bytes = 1'000; }
  Appender log({.path = path, .maximum_size = size, .maximum_age = Milliseconds(50), .keep = 2});
  append_all(log, "old\nbeg");
  std::this_thread::sleep_for(Milliseconds(60));
  append_all(log, "un\nnew\n");
  CHECK(read_file_or_empty(path + ".1") == "old\nbegun\n");
  CHECK(read_file_or_empty(path) == "new\n");
}

TEST_CASE("a file that cannot be rotated is written on, with the reason in the counts") {
  const support::TempDir directory;
  const std::string path = directory / "train.log";
  std::filesystem::create_directories(path + ".1/in/the/way");
  Appender log({.path = path, .maximum_size = {4}, .keep = 1});
  append_all(log, "1\n2\n3\n4\n");
  CHECK(read_file_or_empty(path) == "1\n2\n3\n4\n");
  LogFileStats stats;
  log.counts(stats);
  CHECK(stats.rotation_errno != 0);
  CHECK(stats.rotations == 0);
}

// Random lines in random pieces: no line is split, no file is longer than its limit by more than a
// line, and all generations one after the other are what was put.
TEST_CASE("rotation keeps its promises for random lines in random pieces") {
  std::mt19937 random(20210704);
  for (int round = 0; round < 30; ++round) {
    const support::TempDir directory;
    const std::string path = directory / "train.log";
    const std::uint64_t limit = 20 + random() % 2'000;
    Appender log({.path = path, .maximum_size = {limit}, .keep = 1'000});
    std::string all;
    while (all.size() < 20'000) {
      all += std::string(random() % 5 == 0 ? random() % 3'000 : random() % 120, 'x') + "\n";
    }
    for (std::size_t at = 0; at < all.size();) {
      const std::size_t length = 1 + random() % (random() % 3 == 0 ? 4'000 : 100);
      append_all(log, std::string_view(all).substr(at, length));
      at += length;
    }
    std::string joined;
    for (const std::string& text : generations(path, 1'000)) {
      CHECK((text.empty() || text.ends_with('\n')));
      CHECK(text.size() <= limit + longest_line(text));
      joined += text;
    }
    CHECK(joined == all);
  }
}

TEST_CASE("all generations together stay below the total, give or take a line") {
  std::mt19937 random(7);
  for (const std::uint64_t size : {0U, 1'000U, 4'000U}) {
    const support::TempDir directory;
    const std::string path = directory / "train.log";
    constexpr std::uint64_t kTotal = 5'000;
    Appender log({.path = path, .maximum_size = {size}, .keep = 4, .maximum_total = {kTotal}});
    std::uint64_t most = 0;
    for (int line = 0; line < 1'000; ++line) {
      append_all(log, std::string(random() % 100, 'x') + "\n");
      std::uint64_t total = 0;
      for (const auto& file : std::filesystem::directory_iterator(directory.path())) {
        total += file.file_size();
      }
      most = std::max(most, total);
    }
    CHECK(most <= kTotal + 100);
    CHECK(most > kTotal / 3);
  }
}

}  // namespace
}  // namespace toolkit::output
