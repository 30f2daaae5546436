// Consoles and logs that are blocked, closed, full or gone: the child must not feel it for longer
// than the stall limit, and what is lost is counted and said.
#include <toolkit/output/tee.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tests/unit/output/tee_loop.hpp>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace toolkit::output {
namespace {

using std::chrono::steady_clock;

// Writes so much to stdout, in lines, and ends. How long it took is what the child felt.
pid_t spawn_lines(Tee& tee, std::size_t bytes) {
  return spawn_writer(tee, [bytes] {
    const std::string line(99, 'x');
    std::string block;
    while (block.size() < 60'000) {
      block += line + "\n";
    }
    for (std::size_t sent = 0; sent < bytes; sent += block.size()) {
      if (::write(STDOUT_FILENO, block.data(), block.size()) < 0) {
        ::_exit(1);
      }
    }
  });
}

bool ended_well(pid_t pid) {
  int status = 0;
  return ::waitpid(pid, &status, WNOHANG) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::uint64_t lost(const StreamStats& stream) { return stream.console_dropped; }

TEST_CASE("a stdout that nobody reads holds the child for the stall limit and no longer") {
  TeeLoop loop;
  loop.read_consoles = false;
  const auto begin = steady_clock::now();
  const pid_t pid = spawn_lines(loop.tee(), 20 << 20);
  REQUIRE(loop.run_until([&] { return ended_well(pid); }));
  CHECK(steady_clock::now() - begin < std::chrono::seconds(10));
  REQUIRE(loop.run_until([&] { return !loop.tee().open_sources(); }));
  CHECK(loop.warned("stdout: nobody has read for 300ms"));
  const TeeStats stats = loop.tee().stats();
  CHECK(lost(stats.out) + loop.out.read_now().size() == stats.out.bytes);
  loop.close();
  CHECK(loop.log_text().size() == stats.out.bytes);
}

TEST_CASE("a stdout that is read again gets bytes again, and it is said how many were lost") {
  TeeLoop loop;
  loop.read_consoles = false;
  const pid_t pid = spawn_lines(loop.tee(), 4 << 20);
  REQUIRE(loop.run_until([&] { return ended_well(pid); }));
  loop.read_consoles = true;
  REQUIRE(loop.run_until([&] { return loop.warned("stdout: bytes are read again"); }));
  REQUIRE(loop.run_until([&] { return !loop.tee().open_sources(); }));
  CHECK(loop.run_until([&] {
    return loop.tee().stats().out.bytes ==
           loop.tee().stats().out.console_dropped + loop.out_text.size();
  }));
}

TEST_CASE("a slow reader holds the child back and loses nothing") {
  TeeLoop loop;
  loop.read_consoles = false;
  const pid_t pid = spawn_lines(loop.tee(), 4 << 20);
  char buffer[20'000];
  std::size_t got = 0;
  bool ended = false;
  REQUIRE(loop.run_until([&] {
    const ssize_t count = ::read(loop.out.reader.get(), buffer, sizeof buffer);
    got += count > 0 ? static_cast<std::size_t>(count) : 0;
    ended = ended || ended_well(pid);
    return ended && !loop.tee().open_sources() && got == loop.tee().stats().out.bytes;
  }));
  CHECK(lost(loop.tee().stats().out) == 0);
  CHECK(loop.warnings.empty());
}

TEST_CASE("a source is not polled while its console holds it back") {
  TeeLoop loop;
  loop.read_consoles = false;
  const pid_t pid = spawn_lines(loop.tee(), 4 << 20);
  std::vector<pollfd> entries;
  REQUIRE(loop.run_until([&] {
    entries.clear();
    loop.tee().collect(entries);
    return entries[2].fd >= 0;  // its console, for POLLOUT
  }));
  CHECK(entries[0].fd == -1);
  CHECK(entries[1].fd >= 0);
  REQUIRE(loop.run_until([&] { return ended_well(pid); }));
}

TEST_CASE("a closed stdout costs the console and nothing else") {
  TeeLoop loop;
  loop.out.reader.close();
  loop.read_consoles = false;
  const pid_t pid = spawn_lines(loop.tee(), 2 << 20);
  REQUIRE(loop.run_until([&] { return ended_well(pid); }));
  REQUIRE(loop.run_until([&] { return !loop.tee().open_sources(); }));
  loop.close();
  CHECK(loop.warned("stdout: broken pipe"));
  CHECK(loop.log_text().size() == loop.tee().stats().out.bytes);
  CHECK(lost(loop.tee().stats().out) == loop.tee().stats().out.bytes);
}

TEST_CASE(
    "a full disk costs the log and nothing else, is said once, and is written again by itself") {
  TeeLoop loop;
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit tight{10'000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tight);
  const pid_t pid = spawn_lines(loop.tee(), 2 << 20);
  const bool unharmed = loop.run_until([&] { return ended_well(pid); });
  const auto until = steady_clock::now() + Milliseconds(300);
  const bool waited = loop.run_until([&] { return steady_clock::now() > until; });
  ::setrlimit(RLIMIT_FSIZE, &before);
  REQUIRE(unharmed);
  REQUIRE(waited);
  CHECK(loop.warned("file too large; what comes is dropped"));
  REQUIRE(loop.run_until([&] { return loop.warnings.size() == 2; }));
  CHECK(loop.warned("written again"));
  CHECK(loop.warned("were dropped: file too large"));
  REQUIRE(loop.run_until([&] { return !loop.tee().open_sources(); }));
  REQUIRE(loop.run_until([&] { return loop.out_text.size() == loop.tee().stats().out.bytes; }));
  loop.close();
  const TeeStats stats = loop.tee().stats();
  CHECK(stats.log.bytes_written == loop.log_text().size());
  CHECK(stats.log.bytes_dropped > 0);
}

TEST_CASE("a log directory that vanishes is made again while the child writes on") {
  TeeLoop loop;
  const pid_t pid = spawn_writer(loop.tee(), [] {
    for (int line = 0; line < 300; ++line) {
      (void)!::write(STDOUT_FILENO, "line\n", 5);
      ::usleep(1'000);
    }
  });
  REQUIRE(loop.run_until([&] { return !loop.log_text().empty(); }));
  std::filesystem::remove(loop.log_path());
  REQUIRE(loop.run_until([&] { return ended_well(pid); }));
  loop.close();
  CHECK(loop.log_text().ends_with("line\nline\n"));
}

// A FIFO that nobody reads is a disk that takes nothing and gives no error.
TEST_CASE(
    "a log that takes nothing holds the child for the stall limit, and is told of when it does "
    "again") {
  const support::TempDir directory;
  const std::string path = directory / "fifo";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const UniqueFd reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  TeeOptions options = TeeLoop::raw_options();
  options.log = LogFileOptions{.path = path, .retry = Milliseconds(50)};
  TeeLoop loop(options);
  const pid_t pid = spawn_lines(loop.tee(), 8 << 20);
  REQUIRE(loop.run_until([&] { return ended_well(pid); }));
  CHECK(loop.warned("it took nothing for 300ms"));
  char buffer[65536];
  REQUIRE(loop.run_until([&] { return !loop.tee().open_sources(); }));
  std::size_t got = 0;
  const auto take = [&] {
    const ssize_t count = ::read(reader.get(), buffer, sizeof buffer);
    got += count > 0 ? static_cast<std::size_t>(count) : 0;
  };
  REQUIRE(loop.run_until([&] {
    take();
    return loop.warnings.size() == 2;
  }));
  CHECK(loop.warned("written again"));
  for (int round = 0; round < 100; ++round) {
    take();
    loop.step(Milliseconds(1));
  }
  const TeeStats stats = loop.tee().stats();
  CHECK(got + stats.log.bytes_dropped == stats.out.bytes);
  CHECK(loop.out_text.size() == stats.out.bytes);
}

}  // namespace
}  // namespace toolkit::output
