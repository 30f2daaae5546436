// Bursts, ends, and random sizes, many times over.
#include <toolkit/output/tee.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <tests/unit/output/tee_loop.hpp>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace toolkit::output {
namespace {

constexpr std::size_t kBurst = 1 << 20;

void burst() {
  const std::string bytes(kBurst, 'x');
  (void)!::write(STDOUT_FILENO, bytes.data(), bytes.size());
  (void)!::write(STDERR_FILENO, bytes.data(), bytes.size());
}

// As a supervisor does: nothing is read between the child's end and the drain.
void burst_rounds(int rounds) {
  const support::TempDir directory;
  const UniqueFd out(
      ::open((directory / "out").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  TeeOptions options = TeeLoop::raw_options();
  options.stdout_fd = options.stderr_fd = out.get();
  options.stall_limit = std::chrono::seconds(20);  // a busy machine is no slow reader
  TeeLoop loop(options);
  for (int round = 1; round <= rounds; ++round) {
    const pid_t pid = spawn_writer(loop.tee(), burst);
    int status = 0;
    REQUIRE(loop.run_until([&] { return ::waitpid(pid, &status, WNOHANG) == pid; }));
    loop.close(Milliseconds(0));
    const TeeStats stats = loop.tee().stats();
    const auto expected = static_cast<std::uint64_t>(round) * kBurst;
    REQUIRE(stats.out.bytes == expected);
    REQUIRE(stats.err.bytes == expected);
    REQUIRE(stats.out.console_dropped + stats.err.console_dropped == 0);
    REQUIRE(std::filesystem::file_size(directory / "out") == 2 * kBurst);
    REQUIRE(::ftruncate(out.get(), 0) == 0);
    REQUIRE(loop.tee().open_pipes());
  }
  loop.close();
  const TeeStats stats = loop.tee().stats();
  CHECK(stats.log.bytes_dropped == 0);
  CHECK(stats.log.bytes_written == 2 * static_cast<std::uint64_t>(rounds) * kBurst);
}

TEST_CASE("a child that bursts on both streams and ends loses nothing") { burst_rounds(20); }

}  // namespace

TEST_SUITE_BEGIN("slow");
TEST_CASE("a thousand children that burst and end lose nothing") { burst_rounds(1'000); }
TEST_SUITE_END();

}  // namespace toolkit::output
