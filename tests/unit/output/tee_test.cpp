#include "src/output/tee_pages.hpp"

#include <toolkit/output/tee.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <tests/support/temp_dir.hpp>
#include <tests/unit/output/tee_loop.hpp>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

// end(3)
extern const char program_start asm("__executable_start");
extern const char program_end asm("etext");

namespace toolkit::output {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr std::size_t kMebibyte = 1 << 20;

TEST_CASE("both streams reach their consoles unchanged, and the log") {
  TeeLoop loop;
  loop.write(Stream::out, "one\n");
  REQUIRE(loop.run_until([&] { return loop.out_text == "one\n"; }));
  loop.write(Stream::err, "two\n");
  REQUIRE(loop.run_until([&] { return loop.err_text == "two\n"; }));
  loop.close_child();
  REQUIRE(loop.run_until([&] { return !loop.tee().open_sources(); }));
  loop.close();
  CHECK(loop.log_text() == "one\ntwo\n");
  const TeeStats stats = loop.tee().stats();
  CHECK(stats.out.bytes == 4);
  CHECK(stats.out.lines == 1);
  CHECK(stats.err.bytes == 4);
  CHECK_FALSE(stats.output_open);
  CHECK(loop.warnings.empty());
}

TEST_CASE("a child's end of the pipe blocks, as every program expects") {
  TeeLoop loop;
  CHECK((::fcntl(loop.tee().child_end(Stream::out), F_GETFL) & O_NONBLOCK) == 0);
}

TEST_CASE("the pipe of a child that says much is made larger, where that is allowed") {
  TeeLoop loop;
  const int before = ::fcntl(loop.tee().child_end(Stream::out), F_GETPIPE_SZ);
  loop.write(Stream::out, std::string(10'000, 'x'));
  REQUIRE(loop.run_until([&] { return loop.out_text.size() == 10'000; }));
  CHECK((::fcntl(loop.tee().child_end(Stream::out), F_GETPIPE_SZ) > before || ::geteuid() != 0));
}

TEST_CASE("a log in text format has one stamped line for each of the child's") {
  TeeOptions options = TeeLoop::raw_options();
  options.stamp.format = LogFormat::text;
  options.stamp.label = "train";
  TeeLoop loop(options);
  loop.write(Stream::out, "have a nice day\n");
  loop.close_child();
  REQUIRE(loop.run_until([&] { return !loop.tee().open_sources(); }));
  loop.close();
  CHECK(loop.log_text().find("]  INFO train: have a nice day\n") != std::string::npos);
}

TEST_CASE("a prefixed console has stamped lines too") {
  TeeOptions options = TeeLoop::raw_options();
  options.console = ConsoleMode::prefixed;
  options.stamp.label = "train";
  TeeLoop loop(options);
  loop.write(Stream::out, "have a nice");
  loop.step();
  loop.write(Stream::out, " day\nunfinished");
  loop.close_child();
  REQUIRE(loop.run_until([&] { return !loop.tee().open_sources(); }));
  loop.close();
  CHECK(loop.out_text.find("]  INFO train: have a nice day\n") != std::string::npos);
  CHECK(loop.out_text.find(" train: unfinished") != std::string::npos);
  CHECK(loop.log_text() == "have a nice day\nunfinished");
}

TEST_CASE("without a console the log has everything, and the tool's own words still reach stderr") {
  TeeOptions options = TeeLoop::raw_options();
  options.console = ConsoleMode::none;
  TeeLoop loop(options);
  loop.write(Stream::out, "one\n");
  loop.close_child();
  REQUIRE(loop.run_until([&] { return !loop.tee().open_sources(); }));
  loop.tee().say("summary\n", steady_clock::now());
  loop.close();
  CHECK(loop.out_text.empty());
  CHECK(loop.err_text == "summary\n");
  CHECK(loop.log_text() == "one\n");
}

TEST_CASE("without a log tails and counts are kept") {
  TeeOptions options = TeeLoop::raw_options();
  options.log.reset();
  TeeLoop loop(options);
  loop.write(Stream::err, "first line\nlast words of it");
  loop.close_child();
  REQUIRE(loop.run_until([&] { return !loop.tee().open_sources(); }));
  loop.close();
  CHECK(loop.tee().tail(Stream::err) == "last words of it");
  CHECK(loop.tee().tail(Stream::out).empty());
  CHECK(loop.tee().stats().err.lines == 2);
  CHECK(loop.err_text == "first line\nlast words of it");
}

TEST_CASE("a tail is the stream's end whatever the sizes of the pieces") {
  TeeLoop loop;
  std::string all;
  for (std::size_t size = 1; size < 40; ++size) {
    const std::string piece(size, static_cast<char>('a' + size % 26));
    loop.write(Stream::out, piece);
    all += piece;
    REQUIRE(loop.run_until([&] { return loop.out_text.size() == all.size(); }));
    CHECK(loop.tee().tail(Stream::out) ==
          all.substr(all.size() - std::min<std::size_t>(all.size(), 16)));
  }
}

TEST_CASE("merged streams keep their exact order") {
  TeeOptions options = TeeLoop::raw_options();
  options.merge = true;
  TeeLoop loop(options);
  std::string expected;
  for (int line = 0; line < 100; ++line) {
    const std::string words = std::to_string(line) + "\n";
    loop.write(line % 3 == 0 ? Stream::err : Stream::out, words);
    expected += words;
  }
  loop.close_child();
  REQUIRE(loop.run_until([&] { return !loop.tee().open_sources(); }));
  loop.close();
  CHECK(loop.out_text == expected);
  CHECK(loop.log_text() == expected);
}

TEST_CASE("a terminal is read to its end") {
  int master = -1;
  int slave = -1;
  termios raw{};
  ::cfmakeraw(&raw);
  REQUIRE(::openpty(&master, &slave, nullptr, &raw, nullptr) == 0);
  UniqueFd child_side(slave);
  TeeLoop loop;
  loop.close();
  loop.tee().attach_terminal(UniqueFd(master));
  REQUIRE(::write(child_side.get(), "hello\n", 6) == 6);
  REQUIRE(loop.run_until([&] { return loop.out_text == "hello\n"; }));
  CHECK(loop.tee().open_sources());
  child_side.close();
  CHECK(loop.run_until([&] { return !loop.tee().open_sources(); }));
}

TEST_CASE(
    "a pipe that somebody still holds is drained of what is in it, then closed and reported") {
  TeeLoop loop;
  loop.write(Stream::out, std::string(50'000, 'x'));
  loop.tee().drain(system_clock::now(), steady_clock::now());
  CHECK(loop.tee().stats().out.bytes == 50'000);
  CHECK(loop.tee().open_sources());
  loop.close(Milliseconds(0));
  CHECK(loop.tee().stats().output_open);
  CHECK_FALSE(loop.tee().open_sources());
}

TEST_CASE("a process that goes on writing cannot keep the drain busy") {
  TeeLoop loop;
  loop.read_consoles = false;
  const UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const pid_t pid = spawn_writer(loop.tee(), [] {
    const std::string bytes(65536, 'y');
    while (::write(STDOUT_FILENO, bytes.data(), bytes.size()) > 0) {
    }
  });
  const auto begin = steady_clock::now();
  loop.close();
  CHECK(steady_clock::now() - begin < std::chrono::seconds(10));
  CHECK(loop.tee().stats().output_open);
  int status = 0;
  ::kill(pid, SIGKILL);
  ::waitpid(pid, &status, 0);
}

TEST_CASE(
    "after the close the tool's own lines still reach log and stderr, and a next attempt its "
    "pipes") {
  TeeOptions options = TeeLoop::raw_options();
  options.stamp.format = LogFormat::text;
  TeeLoop loop(options);
  loop.write(Stream::out, "first attempt\n");
  loop.close_child();
  loop.tee().drain(system_clock::now(), steady_clock::now());
  loop.close(Milliseconds(0));
  loop.tee().note(Level::info, "run", "the summary", system_clock::now());
  loop.tee().say("the summary\n", steady_clock::now());
  loop.close();
  CHECK(loop.log_text().ends_with("run: the summary\n"));
  CHECK(loop.err_text == "the summary\n");

  REQUIRE(loop.tee().open_pipes());
  loop.write(Stream::out, "second attempt\n");
  loop.close_child();
  REQUIRE(loop.run_until([&] { return !loop.tee().open_sources(); }));
  loop.close();
  CHECK(loop.log_text().ends_with("second attempt\n"));
  CHECK(loop.out_text == "first attempt\nsecond attempt\n");
}

TEST_CASE("few lines need no thread, and a lone line is in the log soon all the same") {
  TeeLoop loop;
  loop.write(Stream::out, "lone\n");
  CHECK(loop.run_until([&] { return loop.log_text() == "lone\n"; }));
}

TEST_CASE("the log is opened again on request") {
  TeeLoop loop;
  loop.write(Stream::out, "one\n");
  REQUIRE(loop.run_until([&] { return loop.log_text() == "one\n"; }));
  ::rename(loop.log_path().c_str(), (loop.log_path() + ".1").c_str());
  loop.tee().reopen_log();
  REQUIRE(loop.run_until([&] { return support::file_exists(loop.log_path()); }));
  loop.write(Stream::out, "two\n");
  CHECK(loop.run_until([&] { return loop.log_text() == "two\n"; }));
}

// Pages of the program's code that are mapped: bit 63 of each entry of pagemap (proc(5)).
std::size_t mapped_code_pages() {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const UniqueFd map(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  std::size_t mapped = 0;
  for (auto at = reinterpret_cast<std::uintptr_t>(&program_start) / page;
       at < reinterpret_cast<std::uintptr_t>(&program_end) / page; ++at) {
    std::uint64_t entry = 0;
    CHECK(::pread(map.get(), &entry, sizeof entry, static_cast<off_t>(at * sizeof entry)) ==
          sizeof entry);
    mapped += entry >> 63;
  }
  return mapped;
}

TEST_CASE("the program's pages can be given back, and come again") {
  const volatile char* code = &program_start;
  for (; code < &program_end; code += 4096) {
    (void)*code;
  }
  const std::size_t before = mapped_code_pages();
  release_program_pages();
  CHECK(mapped_code_pages() < before);
}

}  // namespace
}  // namespace toolkit::output
