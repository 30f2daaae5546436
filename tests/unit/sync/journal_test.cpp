#include "src/sync/journal.hpp"

#include "src/sync/journal_format.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

#include <csignal>
#include <map>
#include <random>

using namespace toolkit::sync;
using toolkit::ErrorKind;
using toolkit::support::read_file;
using toolkit::support::TempDir;

namespace {

FileRecord record_of(const std::string& key, std::uint64_t number) {
  FileRecord record;
  record.key = key;
  record.identity = {7, number + 100};
  record.proven = number * 1000;
  record.mtime = -static_cast<std::int64_t>(number);
  record.head = {16, {number, 2}};
  record.marker = {64, {3, number}};
  record.memo = "memo " + std::to_string(number);
  return record;
}

std::unique_ptr<Journal> opened(const std::string& path, std::uint64_t limit = 1 << 20) {
  auto journal = Journal::open(path, limit);
  REQUIRE(journal);
  return std::move(*journal);
}

// A file with ten records, one of them forgotten.
std::string written(const std::string& path) {
  const auto journal = opened(path);
  for (std::uint64_t i = 0; i < 10; ++i) {
    journal->record(record_of("d/" + std::to_string(i), i));
  }
  journal->forget("d/9");
  REQUIRE(journal->flush());
  return read_file(path);
}

}  // namespace

TEST_CASE("what was recorded is found again, also by the next process") {
  const TempDir dir;
  const std::string path = dir / "state/deep/journal";
  written(path);
  const auto journal = opened(path);
  for (std::uint64_t i = 0; i < 9; ++i) {
    const FileRecord expected = record_of("d/" + std::to_string(i), i);
    CHECK(journal->find(expected.key) == expected);
  }
  CHECK_FALSE(journal->find("d/9"));
  CHECK(journal->damage().corrupt_records == 0);
  CHECK(journal->damage().torn_bytes == 0);
}

TEST_CASE("the records of a directory are those directly in it") {
  const TempDir dir;
  const auto journal = opened(dir / "journal");
  for (const char* key : {"a", "d/1", "d/2", "d/e/1", "d/e/2", "d/f", "d0", "d-", "e/1"}) {
    journal->record(record_of(key, 1));
  }
  const auto keys = [&](const std::string& directory) {
    std::string all;
    for (const FileRecord& record : journal->in_directory(directory)) {
      all += record.key + " ";
    }
    return all;
  };
  CHECK(keys("") == "a d- d0 ");
  CHECK(keys("d") == "d/1 d/2 d/f ");
  CHECK(keys("d/e") == "d/e/1 d/e/2 ");
  CHECK(keys("x") == "");
}

TEST_CASE("a journal cut off at any byte keeps every whole record before") {
  const TempDir dir;
  const std::string path = dir / "journal";
  const std::string bytes = written(path);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    CAPTURE(size);
    dir.write("journal", bytes.substr(0, size), 0600);
    std::size_t whole = 0;
    for (std::size_t at = kJournalHeader.size(); whole < 10; ++whole) {
      at += encode(record_of("d/" + std::to_string(whole), whole)).size();
      if (at > size) {
        break;
      }
    }
    const auto journal = opened(path);
    CHECK(journal->damage().corrupt_records <= (size < kJournalHeader.size() ? 1U : 0U));
    for (std::uint64_t i = 0; i < 9; ++i) {
      CHECK(journal->find("d/" + std::to_string(i)).has_value() == (i < whole));
    }
    journal->record(record_of("new", 5));
    REQUIRE(journal->flush());
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK(static_cast<std::uint64_t>(status.st_size) == journal->file_size());
  }
  CHECK(opened(path)->find("new") == record_of("new", 5));
}

TEST_CASE("a flipped bit costs the record it is in, which is counted") {
  const TempDir dir;
  const std::string path = dir / "journal";
  const std::string bytes = written(path);
  std::mt19937 random(20260703);  // the same every time
  for (int round = 0; round < 500; ++round) {
    const std::size_t at = random() % bytes.size();
    CAPTURE(at);
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (random() % 8)));
    dir.write("journal", damaged, 0600);
    const auto journal = opened(path);
    CHECK(journal->damage().corrupt_records + (journal->damage().torn_bytes > 0 ? 1 : 0) == 1);
    int found = 0;
    for (std::uint64_t i = 0; i < 9; ++i) {
      const auto record = journal->find("d/" + std::to_string(i));
      CHECK((!record || *record == record_of("d/" + std::to_string(i), i)));
      found += record ? 1 : 0;
    }
    CHECK(found >= 8);
  }
}

TEST_CASE("a journal that says the same again and again stays small") {
  const TempDir dir;
  const std::string path = dir / "journal";
  {
    const auto journal = opened(path);
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      journal->record(record_of("key" + std::to_string(i % 10), i));
      if (i % 100 == 0) {
        REQUIRE(journal->flush());
      }
    }
    REQUIRE(journal->flush());
    CHECK(journal->file_size() < 200'000);
    CHECK(read_file(path).size() == journal->file_size());
  }
  const auto journal = opened(path);
  for (std::uint64_t i = 0; i < 10; ++i) {
    CHECK(journal->find("key" + std::to_string(i)) ==
          record_of("key" + std::to_string(i), 19'990 + i));
  }
}

TEST_CASE("beyond its limit a journal forgets what was recorded longest ago") {
  const TempDir dir;
  const auto journal = opened(dir / "journal", 100'000);
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    journal->record(record_of("key" + std::to_string(i), i));
  }
  REQUIRE(journal->flush());
  CHECK(journal->file_size() <= 100'000);
  CHECK_FALSE(journal->find("key0"));
  CHECK(journal->find("key1999"));
}

TEST_CASE("two processes never write one journal") {
  const TempDir dir;
  const std::string path = dir / "journal";
  auto first = opened(path);
  const auto second = Journal::open(path);
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == ErrorKind::conflict);
  first->record(record_of("x", 1));
  REQUIRE(first->flush());
  CHECK_FALSE(Journal::open(path));
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    first->record(record_of("x", i));
  }
  REQUIRE(first->flush());  // which puts a new file in its place
  REQUIRE(first->file_size() < 1'000);
  CHECK_FALSE(Journal::open(path));
  first.reset();
  CHECK(Journal::open(path));
}

TEST_CASE("a full disk fails the flush, and the next one writes all of it") {
  const TempDir dir;
  const std::string path = dir / "journal";
  const auto journal = opened(path);
  journal->record(record_of("before", 1));
  REQUIRE(journal->flush());
  const std::uint64_t size = journal->file_size();
  struct rlimit before {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  for (std::uint64_t i = 0; i < 10; ++i) {
    const struct rlimit small { size + 50, before.rlim_max };
    journal->record(record_of("key" + std::to_string(i), i));
    ::setrlimit(RLIMIT_FSIZE, &small);
    const auto failed = journal->flush();
    ::setrlimit(RLIMIT_FSIZE, &before);
    CHECK_FALSE(failed);
  }
  std::signal(SIGXFSZ, handler);
  REQUIRE(journal->flush());
  const std::string copy = dir.write("copy", read_file(path), 0600);
  const auto again = opened(copy);
  CHECK(again->find("before"));
  for (std::uint64_t i = 0; i < 10; ++i) {
    CHECK(again->find("key" + std::to_string(i)) == record_of("key" + std::to_string(i), i));
  }
  CHECK(again->damage().corrupt_records == 0);
}

TEST_CASE("a disk that stays full costs what was recorded meanwhile, and no memory") {
  const TempDir dir;
  const auto journal = opened(dir / "journal", Journal::kSizeLimit);
  journal->record(record_of("before", 1));
  REQUIRE(journal->flush());
  const std::uint64_t size = journal->file_size();
  struct rlimit before {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small { size + 50, before.rlim_max };
  ::setrlimit(RLIMIT_FSIZE, &small);
  for (std::uint64_t i = 0; i < 50'000; ++i) {
    journal->record(record_of("key" + std::to_string(i), i));
  }
  const auto failed = journal->flush();
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK_FALSE(failed);
  CHECK(journal->file_size() <= size + Journal::kMostPending);
  CHECK_FALSE(journal->find("key0"));
  CHECK(journal->find("before"));
  CHECK(journal->find("key49999") == record_of("key49999", 49'999));
  REQUIRE(journal->flush());
  const auto again = opened(dir.write("copy", read_file(dir / "journal"), 0600));
  CHECK(again->find("key49999"));
  CHECK(again->damage().corrupt_records == 0);
}

TEST_CASE("a journal knows what a map would, over restarts and however often it is written anew") {
  const TempDir dir;
  std::mt19937 random(20261123);  // the same every time
  std::map<std::string, FileRecord> expected;
  auto journal = opened(dir / "journal", Journal::kSizeLimit);
  for (int round = 0; round < 30'000; ++round) {
    const std::string directory = "d" + std::to_string(random() % 20);
    const std::string key =
        (random() % 4 == 0 ? "" : directory + '/') + std::to_string(random() % 100);
    if (random() % 3 == 0) {
      journal->forget(key);
      expected.erase(key);
    } else {
      expected[key] = record_of(key, random());
      journal->record(expected[key]);
    }
    if (round % 1000 == 0) {
      REQUIRE(journal->flush());
    }
    if (round % 5000 == 0) {
      REQUIRE(journal->flush());
      journal.reset();
      journal = opened(dir / "journal", Journal::kSizeLimit);
    }
  }
  REQUIRE(journal->flush());
  CHECK(journal->file_size() < 5 * 2'000 * 100);
  std::map<std::string, std::vector<FileRecord>> directories;
  for (int i = 0; i < 20; ++i) {
    directories["d" + std::to_string(i)];
  }
  for (const auto& [key, record] : expected) {
    CHECK(journal->find(key) == record);
    directories[key.substr(0, key.find('/') == std::string::npos ? 0 : key.find('/'))].push_back(
        record);
  }
  for (const auto& [directory, records] : directories) {
    CAPTURE(directory);
    CHECK(journal->in_directory(directory) == records);
  }
}

TEST_CASE("a record too long to be read again is not kept, and neither is what was known before") {
  const TempDir dir;
  const auto journal = opened(dir / "journal");
  FileRecord record = record_of("x", 1);
  journal->record(record);
  record.memo = std::string(70'000, 'm');
  journal->record(record);
  CHECK_FALSE(journal->find("x"));
  journal->record(record_of("y", 2));
  REQUIRE(journal->flush());
  CHECK(journal->find("y"));
  const auto again = opened(dir.write("copy", read_file(dir / "journal"), 0600));
  CHECK(again->damage().corrupt_records == 0);
  CHECK(again->find("y"));
}

TEST_CASE("of two names with one hash the later is known, and neither is taken for the other") {
  std::map<std::uint32_t, std::string> names;
  std::string one;
  std::string other;
  for (int i = 0; one.empty() && i < 2'000'000; ++i) {
    other = "x" + std::to_string(i);
    const auto place = names.try_emplace(static_cast<std::uint32_t>(hash_of(other).low), other);
    one = place.second ? "" : place.first->second;
  }
  REQUIRE_FALSE(one.empty());
  const TempDir dir;
  const auto journal = opened(dir / "journal");
  journal->record(record_of(one, 1));
  journal->record(record_of(other, 2));
  CHECK(journal->find(other) == record_of(other, 2));
  CHECK_FALSE(journal->find(one));
}

TEST_CASE("a journal that another user or another name can write to is not believed") {
  const TempDir dir;
  const std::string path = dir / "journal";
  written(path);
  const auto is_denied = [&] {
    const auto journal = Journal::open(path);
    const auto read = Journal::read(path);
    return !journal && journal.error().kind == ErrorKind::denied && !read;
  };
  SUBCASE("others may write to it") {
    REQUIRE(::chmod(path.c_str(), 0622) == 0);
    CHECK(is_denied());
  }
  SUBCASE("it is another user's") {
    if (::chown(path.c_str(), 65534, 65534) != 0) {
      MESSAGE("needs root");
      return;
    }
    CHECK(is_denied());
  }
  SUBCASE("it has a second name") {
    REQUIRE(::link(path.c_str(), (dir / "other").c_str()) == 0);
    const std::string before = read_file(path);
    CHECK(is_denied());
    CHECK(read_file(path) == before);
  }
  SUBCASE("it is a FIFO") {
    REQUIRE(::unlink(path.c_str()) == 0);
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    CHECK(is_denied());
  }
}

TEST_CASE("a journal of another version is begun anew, and no record of it is believed") {
  const TempDir dir;
  const std::string path = dir / "journal";
  std::string old = written(path);
  old.replace(0, kJournalHeader.size(), "toolkit sync journal 1\n");
  for (std::size_t at = old.find(kJournalMark); at != std::string::npos;
       at = old.find(kJournalMark)) {
    old.replace(at, kJournalMark.size(), "\xF5TKJ");
  }
  dir.write("journal", old, 0600);
  const auto journal = opened(path);
  CHECK_FALSE(journal->find("d/1"));
  CHECK(journal->damage().corrupt_records == 0);
  CHECK(read_file(path) == old);
  journal->record(record_of("x", 1));
  REQUIRE(journal->flush());
  CHECK(read_file(path) == std::string(kJournalHeader) + encode(record_of("x", 1)));
}

TEST_CASE("a journal that is only read is not written to, and remembers for itself") {
  const TempDir dir;
  const std::string path = dir / "journal";
  const std::string bytes = written(path);
  const auto journal = Journal::read(path);
  REQUIRE(journal);
  (*journal)->record(record_of("new", 5));
  (*journal)->forget("d/1");
  REQUIRE((*journal)->flush());
  CHECK((*journal)->find("new") == record_of("new", 5));
  CHECK_FALSE((*journal)->find("d/1"));
  CHECK((*journal)->find("d/2") == record_of("d/2", 2));
  CHECK(read_file(path) == bytes);
  CHECK(opened(path)->find("d/1"));
}

TEST_CASE("a journal without a file does the same as long as it lives") {
  const auto made = Journal::in_memory();
  REQUIRE(made);
  Journal& journal = **made;
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    journal.record(record_of("d/" + std::to_string(i % 100), i));
    if (i % 500 == 0) {
      REQUIRE(journal.flush());
    }
  }
  REQUIRE(journal.flush());
  CHECK(journal.file_size() < 200'000);
  CHECK(journal.find("d/99") == record_of("d/99", 4'999));
  CHECK(journal.in_directory("d").size() == 100);
}

TEST_CASE("what is no journal is read as an empty one; what cannot be opened is an error") {
  const TempDir dir;
  dir.write("journal", std::string(100'000, '\xF5'), 0600);
  const auto journal = opened(dir / "journal");
  CHECK_FALSE(journal->find("x"));
  journal->record(record_of("x", 1));
  REQUIRE(journal->flush());
  CHECK(read_file(dir / "journal").starts_with(kJournalHeader));
  REQUIRE(::symlink("journal", (dir / "link").c_str()) == 0);
  CHECK_FALSE(Journal::open(dir / "link"));
  CHECK_FALSE(Journal::open(dir.path()));
  dir.write("file", "");
  CHECK_FALSE(Journal::open(dir / "file/journal"));
}
