#include <toolkit/output/log_file.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tests/support/temp_dir.hpp>
#include <tests/support/wait_until.hpp>
#include <tests/unit/output/pipes.hpp>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>

namespace toolkit::output {
namespace {

using support::read_file_or_empty;
using support::wait_until;

constexpr Milliseconds kRetry{50};
constexpr Milliseconds kLong{10'000};

std::unique_ptr<LogFile> open_log(const std::string& path) {
  auto log = LogFile::open({.path = path, .retry = kRetry});
  REQUIRE_MESSAGE(log.has_value(), log.error().message);
  return std::move(*log);
}

std::size_t thread_count() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    count += entry.is_directory() ? 1 : 0;
  }
  return count;
}

bool healthy(const LogFile& log) { return log.stats().last_errno == 0; }

TEST_CASE("what is put is in the file after a flush") {
  const support::TempDir directory;
  const auto log = open_log(directory / "train.log");
  log->put("one\n");
  log->put("two\n");
  log->flush(kLong);
  CHECK(support::read_file(directory / "train.log") == "one\ntwo\n");
  CHECK(log->stats().bytes_written == 8);
  CHECK(log->stats().bytes_dropped == 0);
}

TEST_CASE("a few lines are written without a thread, and a stream of them with one") {
  const support::TempDir directory;
  std::thread([] {}).join();  // TSan starts one of its own with the first
  const std::size_t before = thread_count();
  auto log = open_log(directory / "train.log");
  log->put("one\n");
  CHECK(thread_count() == before);
  CHECK_FALSE(log->started());
  log->put(std::string(10'000, 'x') + "\n");
  CHECK(log->started());
  CHECK(thread_count() == before + 1);
  log->flush(kLong);
  CHECK(read_file_or_empty(directory / "train.log").size() == 10'005);
  log.reset();
  CHECK(wait_until([&] { return thread_count() == before; }));
}

TEST_CASE("bytes reach the file soon after they are put, without a flush") {
  const support::TempDir directory;
  const auto log = open_log(directory / "train.log");
  log->start();
  std::string expected;
  for (int line = 0; line < 20; ++line) {
    log->put("line\n");
    expected += "line\n";
    CHECK(wait_until([&] { return read_file_or_empty(directory / "train.log") == expected; },
                     Milliseconds(1000)));
  }
}

TEST_CASE("what was put is in the file when the log is destroyed") {
  const support::TempDir directory;
  const std::string bytes(100'000, 'x');
  open_log(directory / "a.log")->put("short\n");
  open_log(directory / "b.log")->put(bytes);
  CHECK(support::read_file(directory / "a.log") == "short\n");
  CHECK(support::read_file(directory / "b.log") == bytes);
}

TEST_CASE("a log that cannot be opened is an error that names it") {
  const support::TempDir directory;
  directory.write("file", "");
  const auto log = LogFile::open({.path = directory / "file/x.log"});
  REQUIRE_FALSE(log);
  CHECK(log.error().message.find("file/x.log") != std::string::npos);
  CHECK_FALSE(LogFile::open({.path = directory.path()}));
}

TEST_CASE("missing directories are made, and an existing file is continued") {
  const support::TempDir directory;
  const std::string path = directory / "a/b/train.log";
  open_log(path)->put("one\n");
  open_log(path)->put("two\n");
  CHECK(support::read_file(path) == "one\ntwo\n");
}

TEST_CASE("a last line that an earlier run left torn is completed first") {
  const support::TempDir directory;
  const std::string path = directory.write("train.log", "whole\ntor");
  open_log(path)->put("new\n");
  CHECK(support::read_file(path) == "whole\ntor\nnew\n");
}

TEST_CASE("a relative path is meant from where the log was opened") {
  const support::TempDir directory;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory.path());
  const auto log = open_log("train.log");
  std::filesystem::current_path("/");
  log->reopen();
  log->put("one\n");
  log->flush(kLong);
  std::filesystem::current_path(before);
  CHECK(log->path() == "train.log");
  CHECK(read_file_or_empty(directory / "train.log") == "one\n");
}

TEST_CASE("a link is followed") {
  const support::TempDir directory;
  const std::string path = directory.write("real.log", "");
  ::symlink(path.c_str(), (directory / "link.log").c_str());
  open_log(directory / "link.log")->put("one\n");
  CHECK(support::read_file(path) == "one\n");
}

TEST_CASE("a directory that vanishes is made again, and what follows begins a line") {
  const support::TempDir directory;
  const std::string path = directory / "logs/train.log";
  const auto log = open_log(path);
  log->start();
  log->put("one\n");
  REQUIRE(wait_until([&] { return read_file_or_empty(path) == "one\n"; }));
  std::filesystem::remove_all(directory / "logs");
  std::this_thread::sleep_for(kRetry * 2);
  log->put("two\n");
  CHECK(wait_until([&] { return read_file_or_empty(path) == "two\n"; }));
}

TEST_CASE("a file that somebody else moved away is opened again at its path") {
  const support::TempDir directory;
  const std::string path = directory / "train.log";
  const auto log = open_log(path);
  log->start();
  log->put("one\n");
  REQUIRE(wait_until([&] { return read_file_or_empty(path) == "one\n"; }));
  ::rename(path.c_str(), (path + ".old").c_str());
  SUBCASE("at once when told") { log->reopen(); }
  SUBCASE("by itself within the retry time") { std::this_thread::sleep_for(kRetry * 2); }
  log->put("two\n");
  log->flush(kLong);
  CHECK(read_file_or_empty(path) == "two\n");
  CHECK(read_file_or_empty(path + ".old") == "one\n");
}

TEST_CASE("the rest of a line whose beginning is in another file is dropped and counted") {
  const support::TempDir directory;
  const std::string path = directory / "train.log";
  const auto log = open_log(path);
  log->start();
  log->put("begin");
  REQUIRE(wait_until([&] { return read_file_or_empty(path) == "begin"; }));
  ::unlink(path.c_str());
  std::this_thread::sleep_for(kRetry * 2);
  log->put("ning\nnext\n");
  log->flush(kLong);
  CHECK(read_file_or_empty(path) == "next\n");
  CHECK(log->stats().bytes_dropped == 5);
}

TEST_CASE("a device without space drops what comes and stalls nobody") {
  const auto log = LogFile::open({.path = "/dev/full", .retry = kRetry});
  REQUIRE(log);
  (*log)->start();
  (*log)->put("lost\n");
  REQUIRE(wait_until([&] { return !healthy(**log); }));
  CHECK((*log)->stats().last_errno == ENOSPC);
  for (int round = 0; round < 100; ++round) {
    CHECK((*log)->room() > 0);
    (*log)->put(std::string(100'000, 'x'));
  }
  (*log)->flush(kLong);
  CHECK((*log)->stats().bytes_dropped == 100 * 100'000 + 5);
  CHECK((*log)->stats().bytes_written == 0);
}

// RLIMIT_FSIZE is a disk that is full for us alone: setrlimit(2), EFBIG with SIGXFSZ blocked.
struct FileSizeLimit {
  FileSizeLimit() { ::getrlimit(RLIMIT_FSIZE, &before); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before); }
  void set(rlim_t bytes) const {
    const rlimit limit{bytes, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  void lift() const { ::setrlimit(RLIMIT_FSIZE, &before); }
  rlimit before{};
};

TEST_CASE("writing resumes by itself where it broke off, and after the gap on a fresh line") {
  const BlockedSignals blocked;
  const support::TempDir directory;
  const std::string path = directory / "train.log";
  const auto log = open_log(path);
  const FileSizeLimit limit;
  limit.set(13);
  log->start();
  log->put("one two three four\nfive");
  REQUIRE(wait_until([&] { return !healthy(*log); }));
  CHECK(log->stats().last_errno == EFBIG);
  CHECK(read_file_or_empty(path) == "one two three");
  log->put(" six\nlost\nlo");
  limit.lift();
  REQUIRE(wait_until([&] { return healthy(*log); }));
  log->put("st\nseven\n");
  log->flush(kLong);
  CHECK(read_file_or_empty(path) == "one two three four\nfive\nseven\n");
  CHECK(log->stats().bytes_dropped == 12 + 3);
}

TEST_CASE("a flush of a broken log ends at once and counts what is lost") {
  const BlockedSignals blocked;
  const support::TempDir directory;
  const auto log = LogFile::open({.path = directory / "train.log", .retry = kLong});
  REQUIRE(log);
  const FileSizeLimit limit;
  limit.set(3);
  (*log)->put("one two\n");
  SUBCASE("with a thread that waits for its next try") {
    (*log)->start();
    REQUIRE(wait_until([&] { return !healthy(**log); }));
  }
  SUBCASE("without a thread") {}
  const auto begin = std::chrono::steady_clock::now();
  (*log)->flush(kLong);
  CHECK(std::chrono::steady_clock::now() - begin < kLong / 2);
  CHECK((*log)->stats().bytes_written == 3);
  CHECK((*log)->stats().bytes_dropped == 5);
}

TEST_CASE("a log that broke without a thread recovers as well") {
  const BlockedSignals blocked;
  const support::TempDir directory;
  const std::string path = directory / "train.log";
  const auto log = open_log(path);
  const FileSizeLimit limit;
  limit.set(3);
  log->put("one two\n");
  log->flush(kLong);
  REQUIRE_FALSE(healthy(*log));
  limit.lift();
  log->put("lost\n");
  REQUIRE(wait_until([&] { return healthy(*log); }));
  log->put("new\n");
  log->flush(kLong);
  CHECK(read_file_or_empty(path) == "one\nnew\n");
}

TEST_CASE("where no thread can be had the log is written all the same") {
  // RLIMIT_NPROC counts threads and does not bind root, so another user is played in a child
  // (setrlimit(2)).
  const support::TempDir directory;
  ::chmod(directory.path().c_str(), 0777);
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const rlimit none{0, 0};
    const bool other = ::geteuid() != 0 || ::setuid(65534) == 0;
    auto log = LogFile::open({.path = directory / "train.log", .retry = kRetry});
    if (!other || !log || ::setrlimit(RLIMIT_NPROC, &none) != 0) {
      ::_exit(1);
    }
    for (int line = 0; line < 10'000; ++line) {
      (*log)->put("line " + std::to_string(100'000 + line) + " of many\n");
    }
    (*log)->flush(kLong);
    ::_exit((*log)->started() ? 2 : 0);
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  REQUIRE(status == 0);
  CHECK(read_file_or_empty(directory / "train.log").size() == 10'000 * 20);
}

TEST_CASE("a full file system is survived, and written again when there is space") {
  const support::TempDir directory;
  if (::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, "size=64k") != 0) {
    MESSAGE("skipped: a tmpfs cannot be mounted here");
    return;
  }
  const std::string path = directory / "train.log";
  const std::string filler = directory.write("filler", std::string(50'000, 'x'));
  {
    const auto log = open_log(path);
    log->start();
    std::string line;
    for (int number = 0; number < 1'000; ++number) {
      line = "line " + std::to_string(number) + " of a log that outgrows its disk\n";
      log->put(line);
    }
    REQUIRE(wait_until([&] { return !healthy(*log); }));
    CHECK(log->stats().last_errno == ENOSPC);
    ::unlink(filler.c_str());
    REQUIRE(wait_until([&] { return healthy(*log); }, Milliseconds(5'000)));
    log->put("resumed\n");
    log->flush(kLong);
    const std::string text = read_file_or_empty(path);
    CHECK(text.ends_with("\nresumed\n"));
    CHECK(text.size() == log->stats().bytes_written);
  }
  ::umount2(directory.path().c_str(), MNT_DETACH);
}

// A FIFO that nobody reads is a disk that takes nothing and gives no error.
struct StuckLog {
  StuckLog() {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    reader = UniqueFd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    log = open_log(path);
    log->start();
    const auto make = [](std::string& out, std::size_t limit) {
      out.resize(std::max(out.size(), limit), 'x');
    };
    REQUIRE(wait_until([&] {
      log->append(make, LogFile::WhenFull::leave);
      return log->room() == 0 && ++rounds > 100;
    }));
  }
  const BlockedSignals blocked;
  const support::TempDir directory;
  std::string path = directory / "fifo";
  UniqueFd reader;
  std::unique_ptr<LogFile> log;
  int rounds = 0;
};

TEST_CASE("a disk that takes nothing leaves no room, and whoever puts is not held up") {
  StuckLog stuck;
  const auto before = stuck.log->stats().bytes_dropped;
  stuck.log->append([](std::string& out, std::size_t) { out += "lost\n"; },
                    LogFile::WhenFull::drop);
  CHECK(stuck.log->stats().bytes_dropped == before + 5);
  const auto begin = std::chrono::steady_clock::now();
  stuck.log->flush(Milliseconds(50));
  CHECK(std::chrono::steady_clock::now() - begin < Milliseconds(1'000));

  stuck.log->acknowledge();
  char buffer[65536];
  CHECK(wait_until([&] {
    return ::read(stuck.reader.get(), buffer, sizeof buffer) < 0 && stuck.log->room() > 0;
  }));
  std::uint64_t events = 0;
  CHECK(::read(stuck.log->event_fd(), &events, sizeof events) == sizeof events);
}

TEST_CASE("a thread that is stuck in the kernel is left behind") {
  StuckLog stuck;
  const auto begin = std::chrono::steady_clock::now();
  stuck.log.reset();
  CHECK(std::chrono::steady_clock::now() - begin < Milliseconds(5'000));
  stuck.reader.close();  // lets the thread go
}

}  // namespace
}  // namespace toolkit::output
