#include <toolkit/output/console.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <tests/support/temp_dir.hpp>
#include <tests/unit/output/pipes.hpp>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>

namespace toolkit::output {
namespace {

constexpr Milliseconds kLimit{300};
const SteadyTime kStart{std::chrono::hours(1)};
const std::string kMuch(1 << 20, 'x');

TEST_CASE("a console passes bytes to a pipe that has room") {
  const Pipe pipe;
  Console console(pipe.writer.get(), kLimit);
  console.write("hello\n", kStart);
  CHECK(pipe.read_now() == "hello\n");
  CHECK_FALSE(console.pending());
  CHECK(console.bytes_written() == 6);
  CHECK(console.poll_fd() == -1);
  CHECK(console.deadline() == SteadyTime::max());
}

TEST_CASE("a console leaves the flags of the descriptor that it borrows alone") {
  const Pipe pipe;
  Console console(pipe.writer.get(), kLimit);
  console.write("x", kStart);
  CHECK((::fcntl(pipe.writer.get(), F_GETFL) & O_NONBLOCK) == 0);
}

TEST_CASE("what a full pipe does not take follows later, in order") {
  const Pipe pipe;
  Console console(pipe.writer.get(), kLimit);
  std::string sent;
  for (int part = 0; part < 30; ++part) {
    sent += std::string(5000, static_cast<char>('a' + part % 26));
    console.write(std::string(5000, static_cast<char>('a' + part % 26)), kStart);
  }
  REQUIRE(console.pending());
  CHECK(console.poll_fd() >= 0);
  std::string got;
  for (int round = 0; round < 10 && got.size() < sent.size(); ++round) {
    got += pipe.read_now();
    console.advance(kStart);
  }
  CHECK(got == sent);
  CHECK(console.bytes_dropped() == 0);
}

TEST_CASE(
    "a reader that takes nothing for the limit is given up, and taken up again when it reads") {
  const Pipe pipe;
  Console console(pipe.writer.get(), kLimit);
  console.write(kMuch.substr(0, 100'000), kStart);
  REQUIRE(console.pending());
  CHECK(console.deadline() == kStart + kLimit);
  console.advance(kStart + kLimit - Milliseconds(1));
  CHECK(console.pending());
  console.advance(kStart + kLimit);
  CHECK_FALSE(console.pending());
  CHECK(console.stalled());
  CHECK(console.bytes_written() + console.bytes_dropped() == 100'000);
  const auto dropped = console.bytes_dropped();
  console.write("lost", kStart + kLimit);
  CHECK(console.bytes_dropped() == dropped + 4);

  (void)pipe.read_now();
  console.advance(kStart + kLimit);
  CHECK_FALSE(console.stalled());
  console.write("found", kStart + kLimit);
  CHECK(pipe.read_now() == "found");
}

TEST_CASE("a slow reader that takes something within the limit is waited for") {
  const Pipe pipe;
  Console console(pipe.writer.get(), kLimit);
  console.write(kMuch.substr(0, 400'000), kStart);
  SteadyTime now = kStart;
  std::size_t got = 0;
  char page[4096];
  for (int round = 0; round < 150 && got < 400'000; ++round) {
    now += kLimit - Milliseconds(1);
    for (ssize_t count = 0; (count = ::read(pipe.reader.get(), page, sizeof page)) > 0;) {
      got += static_cast<std::size_t>(count);
      break;
    }
    console.advance(now);
  }
  CHECK(got == 400'000);
  CHECK(console.bytes_dropped() == 0);
}

TEST_CASE("pending bytes are bounded") {
  const Pipe pipe;
  Console console(pipe.writer.get(), kLimit);
  for (int round = 0; round < 8; ++round) {
    console.write(kMuch, kStart);
  }
  CHECK(console.bytes_dropped() >= 7 * kMuch.size());
}

TEST_CASE("a reader that went away costs bytes and no signal") {
  const BlockedSignals blocked;
  Pipe pipe;
  Console console(pipe.writer.get(), kLimit);
  pipe.reader.close();
  console.write("lost", kStart);
  console.write("lost", kStart);
  CHECK(console.bytes_dropped() == 8);
  CHECK(console.last_errno() == EPIPE);
  CHECK(console.poll_fd() == -1);
  sigset_t pending;
  ::sigpending(&pending);
  CHECK(sigismember(&pending, SIGPIPE) == 0);
}

TEST_CASE("a reader that goes away while it is waited for ends the waiting") {
  const BlockedSignals blocked;
  Pipe pipe;
  Console console(pipe.writer.get(), kLimit);
  console.write(kMuch.substr(0, 100'000), kStart);
  console.advance(kStart + kLimit);
  REQUIRE(console.stalled());
  pipe.reader.close();
  console.advance(kStart + kLimit);
  CHECK(console.poll_fd() == -1);
  CHECK(console.last_errno() == EPIPE);
}

TEST_CASE("stdout and stderr may be the same pipe") {
  const Pipe pipe;
  Console out(pipe.writer.get(), kLimit);
  Console err(pipe.writer.get(), kLimit);
  out.write("one\n", kStart);
  err.write("two\n", kStart);
  out.write("three\n", kStart);
  CHECK(pipe.read_now() == "one\ntwo\nthree\n");
}

TEST_CASE("a file is written directly, where the descriptor stands") {
  const support::TempDir directory;
  const std::string path = directory.write("out", "before\n");
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  Console console(fd.get(), kLimit);
  console.write("after\n", kStart);
  CHECK(support::read_file(path) == "before\nafter\n");
}

TEST_CASE("a full device drops bytes, says why, and is tried again") {
  const UniqueFd fd(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  REQUIRE(fd);
  Console console(fd.get(), kLimit);
  console.write("lost", kStart);
  console.write("lost", kStart);
  CHECK(console.bytes_dropped() == 8);
  CHECK(console.last_errno() == ENOSPC);
  const UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  ::dup3(null.get(), fd.get(), O_CLOEXEC);
  console.write("taken", kStart);
  CHECK(console.last_errno() == 0);
  CHECK(console.bytes_written() == 5);
}

TEST_CASE("a descriptor that is not open drops bytes and says so") {
  Console console(1000, kLimit);
  console.write("lost", kStart);
  CHECK(console.bytes_dropped() == 4);
  CHECK(console.last_errno() == EBADF);
}

TEST_CASE("a socket is never waited for, and a closed one raises no signal") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  Console console(ours.get(), kLimit);
  console.write("hello", kStart);
  char buffer[16];
  CHECK(::read(theirs.get(), buffer, sizeof buffer) == 5);
  console.write(kMuch.substr(0, 500'000), kStart);
  CHECK(console.pending());
  theirs.close();
  console.advance(kStart);
  CHECK_FALSE(console.pending());
  CHECK(console.bytes_dropped() > 0);
}

TEST_CASE("a terminal whose other side does not read is given up") {
  int master = -1;
  int slave = -1;
  REQUIRE(::openpty(&master, &slave, nullptr, nullptr, nullptr) == 0);
  const UniqueFd other_side(master);
  const UniqueFd terminal(slave);
  Console console(terminal.get(), kLimit);
  console.write("hello", kStart);
  char buffer[16];
  CHECK(::read(other_side.get(), buffer, sizeof buffer) == 5);
  console.write(kMuch.substr(0, 200'000), kStart);
  REQUIRE(console.pending());
  // The kernel moves bytes to the other side in its own time, which makes room for some more.
  for (int round = 1; round < 100 && !console.stalled(); ++round) {
    console.advance(kStart + round * kLimit);
  }
  CHECK(console.stalled());
}

// Only our own uid may open a pipe again; a file-system uid of nobody's plays another.
struct AnotherUser {
  AnotherUser() { ::setfsuid(65534); }
  AnotherUser(const AnotherUser&) = delete;
  AnotherUser& operator=(const AnotherUser&) = delete;
  ~AnotherUser() { ::setfsuid(::geteuid()); }
};

TEST_CASE("a pipe that cannot be opened again is written without blocking all the same") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can play another user");
    return;
  }
  const Pipe pipe;
  ::fchmod(pipe.writer.get(), 0600);
  std::optional<Console> console;
  {
    const AnotherUser other;
    console.emplace(pipe.writer.get(), kLimit);
  }
  console->write(kMuch.substr(0, 100'000), kStart);  // would hang here on a blocking descriptor
  REQUIRE(console->pending());
  std::string got;
  for (int round = 0; round < 10 && got.size() < 100'000; ++round) {
    got += pipe.read_now();
    console->advance(kStart);
  }
  CHECK(got.size() == 100'000);
  CHECK((::fcntl(pipe.writer.get(), F_GETFL) & O_NONBLOCK) == 0);
}

}  // namespace
}  // namespace toolkit::output
