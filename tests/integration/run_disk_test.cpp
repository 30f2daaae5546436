// Logging never harms training: disks that fill, vanish or turn read-only, consoles that close or
// block. The child is the judge: the fixture ends with 74 when a write of its own fails.
#include <toolkit/base/unique_fd.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <tests/integration/run_files.hpp>
#include <unistd.h>

#include <filesystem>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

// A file system of 64 KiB, gone with the test.
class TinyDisk {
 public:
  TinyDisk() : path_(directory_ / "disk") {
    std::filesystem::create_directory(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=64k") == 0;
  }
  TinyDisk(const TinyDisk&) = delete;
  TinyDisk& operator=(const TinyDisk&) = delete;
  ~TinyDisk() {
    if (mounted_) {
      ::umount2(path_.c_str(), MNT_DETACH);
    }
  }
  // Tests of disks need root's mount(2).
  [[nodiscard]] bool missing() const {
    if (!mounted_) {
      MESSAGE("skipped: a tmpfs cannot be mounted here");
    }
    return !mounted_;
  }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  // A volume that is open for writing cannot be remounted; so an empty one that is read-only comes
  // over it.
  void hide() const { REQUIRE(::mount("tmpfs", path_.c_str(), "tmpfs", MS_RDONLY, nullptr) == 0); }
  void show_again() const { REQUIRE(::umount2(path_.c_str(), MNT_DETACH) == 0); }

 private:
  TempDir directory_;
  std::string path_;
  bool mounted_ = false;
};

int ticks(const std::string& text) { return count_of(text, "tick "); }

long size_of(const std::string& path) {
  std::error_code none;
  const auto size = std::filesystem::file_size(path, none);
  return none ? 0 : static_cast<long>(size);
}

}  // namespace

TEST_CASE("a full disk costs log lines and nothing else, and the log resumes when there is room") {
  const TinyDisk disk;
  if (disk.missing()) {
    return;
  }
  const auto log = disk / "log", filler = disk / "filler";
  REQUIRE(run_program(shell("head -c 40960 /dev/zero > " + filler)).exit_code == 0);
  auto run = start_toolkit(run_with({"--name", "full", "--log", log, "--prefix", "job"},
                                    fixture("sleep-print", "2", "1800")));
  REQUIRE(run.wait_for_err("no space left on device"));
  CHECK(size_of(log) <= 24576);
  REQUIRE(run.wait_for_out("tick 1000\n"));  // the rest has room, however slow all is
  const auto freed = std::chrono::steady_clock::now();
  std::filesystem::remove(filler);
  REQUIRE(run.wait_for_err("written again", 5s));  // the product's promise
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - freed;
  MESSAGE("resumed ", waited.count() * 1000, " ms after there was room");
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 0);
  CHECK(ticks(outcome.out) == 1800);  // the console has them all
  CHECK(count_of(outcome.err, "no space left on device; what comes is dropped") == 1);
  CHECK(count_of(outcome.err, "written again; ") == 1);
  CHECK(contains(lines_of(outcome.err).back(), " not logged"));
  CHECK(std::atol(record_field("full", "log_dropped_bytes").c_str()) > 0);
  const std::string text = read_file(log);
  CHECK(contains(text, "run: log " + log + ": written again; "));  // the gap is marked
  CHECK(contains(text, "job: tick 1\n"));
  CHECK(contains(text, "job: tick 1800\n"));
  CHECK(ticks(text) < 1800);
  for (const std::string& line : lines_of(text)) {
    CHECK(line.starts_with("[20"));  // no torn line
  }
}

TEST_CASE("a disk that stays full is counted in the summary and the record") {
  const TinyDisk disk;
  if (disk.missing()) {
    return;
  }
  const Outcome outcome =
      run_toolkit(run_with({"--name", "stays-full", "--console", "none", "--log", disk / "log"},
                           fixture("lines", "20000", "99")));
  CHECK(outcome.exit_code == 0);
  CHECK(count_of(outcome.err, "no space left on device") == 1);
  CHECK(contains(lines_of(outcome.err).back(), "MiB not logged"));
  CHECK(std::atol(record_field("stays-full", "log_dropped_bytes").c_str()) > 2'000'000);
}

TEST_CASE("a log directory that is removed comes back") {
  const TempDir directory;
  const auto log = directory / "logs/deep/log";
  auto run = start_toolkit(run_with({"--log", log}, fixture("sleep-print", "2", "1500")));
  REQUIRE(run.wait_for_out("tick 100\n"));
  std::filesystem::remove_all(directory / "logs");
  CHECK(wait_until([&] { return size_of(log) > 0; }, 5s));
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 0);
  CHECK(ticks(outcome.out) == 1500);
  CHECK(contains(read_file(log), ": tick 1500\n"));
}

TEST_CASE("a volume that turns read-only is said once, and resumed") {
  const TinyDisk disk;
  if (disk.missing()) {
    return;
  }
  const auto log = disk / "log";
  auto run = start_toolkit(run_with({"--log", log}, fixture("sleep-print", "4", "1000")));
  REQUIRE(run.wait_for_out("tick 100\n"));
  disk.hide();
  REQUIRE(run.wait_for_err("read-only file system", 5s));
  std::this_thread::sleep_for(200ms);
  disk.show_again();
  REQUIRE(run.wait_for_err("written again", 5s));
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 0);
  CHECK(ticks(outcome.out) == 1000);
  CHECK(count_of(outcome.err, "read-only file system; what comes is dropped") == 1);
  CHECK(contains(read_file(log), ": tick 1000\n"));
}

TEST_CASE("a log that cannot be opened is an error before the child starts") {
  const TempDir directory;
  const auto marker = directory / "started";
  const auto refused = [&](const std::string& log) {
    const Outcome outcome = run_toolkit(run_with({"--log", log}, {"touch", marker}));
    CHECK(outcome.exit_code == 125);
    CHECK(outcome.err.starts_with("toolkit run: cannot open log " + log + ": "));
    CHECK(lines_of(outcome.err).size() == 2);
    CHECK(contains(outcome.err, "\n  try: "));
    CHECK_FALSE(file_exists(marker));
  };
  refused("/proc/nowhere/log");
  refused(directory.write("file", "") + "/log");
  refused(directory.path());
}

TEST_CASE("a console that is closed from the start does not reach the child") {
  const TempDir directory;
  const auto log = directory / "log";
  const std::string child = " --log " + log + " -- sh -c 'echo words; echo bad >&2; exit 3'";
  const Outcome outcome = run_program(shell("exec " + toolkit_path() + " run" + child + " >&-"));
  CHECK(outcome.exit_code == 3);
  CHECK(contains(read_file(log), " INFO sh: words\n"));
  CHECK(contains(read_file(log), "ERROR sh: bad\n"));
  std::filesystem::remove(log);
  CHECK(run_program(shell("exec " + toolkit_path() + " run" + child + " >&- 2>&- <&-")).exit_code ==
        3);
  CHECK(contains(read_file(log), " INFO sh: words\n"));
  CHECK(contains(read_file(log), "ERROR sh: bad\n"));
}

TEST_CASE("a console whose reader goes does not hurt the child") {
  const TempDir directory;
  const auto log = directory / "log";
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  toolkit::UniqueFd reading(ends[0]), writing(ends[1]);
  auto run =
      start_toolkit(run_with({"--name", "gone", "--log", log}, fixture("sleep-print", "2", "300")),
                    {.stdout_fd = writing.get()});
  writing.close();
  REQUIRE(wait_until([&] { return contains(read_file_or_empty(log), ": tick 50\n"); }));
  reading.close();
  const Outcome outcome = run.wait();
  CHECK(outcome.exit_code == 0);
  CHECK(ticks(read_file(log)) == 300);
  CHECK(count_of(outcome.err, "stdout: broken pipe; what comes is dropped") == 1);
  CHECK(contains(lines_of(outcome.err).back(), "not shown on the console"));
  CHECK(std::atol(record_field("gone", "dropped_bytes").c_str()) > 1000);
}

TEST_CASE("a console on a full device does not hurt the child") {
  const TempDir directory;
  const toolkit::UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  const Outcome outcome =
      run_toolkit(run_with({"--log", directory / "log"}, fixture("sleep-print", "1", "50")),
                  {.stdout_fd = full.get()});
  CHECK(outcome.exit_code == 0);
  CHECK(ticks(read_file(directory / "log")) == 50);
  CHECK(count_of(outcome.err, "stdout: no space left on device") == 1);
}

TEST_CASE("a console that nobody reads holds the child back for the stall limit and no longer") {
  const TempDir directory;
  const auto log = directory / "log";
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const toolkit::UniqueFd reading(ends[0]), writing(ends[1]);
  SUBCASE("for ever") {
    const Outcome outcome =
        run_toolkit(run_with({"--stall", "400ms", "--log", log, "--log-format", "raw"},
                             fixture("lines", "100000", "99")),
                    {.stdout_fd = writing.get()});
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.seconds >= 0.4);
    CHECK(outcome.seconds < relaxed(4));
    CHECK(size_of(log) == 10'000'000);
    CHECK(count_of(outcome.err, "stdout: nobody has read for 400ms") == 1);
    CHECK(contains(lines_of(outcome.err).back(), "not shown on the console"));
  }
  SUBCASE("for a while, without a loss when the limit is not reached") {
    auto run = start_toolkit(run_with({"--stall", "20s"}, fixture("lines", "20000", "99")),
                             {.stdout_fd = writing.get()});
    std::this_thread::sleep_for(400ms);
    CHECK_FALSE(run.has_ended());
    std::thread reader([&] {
      char buffer[65536];
      long count = 0, got = 0;
      while (count < 2'000'000 && (got = ::read(reading.get(), buffer, sizeof buffer)) > 0) {
        count += got;
      }
    });
    CHECK(run.wait().exit_code == 0);
    reader.join();
  }
}

TEST_CASE("the log of a child that writes while its disk is stopped is not its business") {
  // A FIFO that nobody reads stands for a disk that takes nothing.
  const TempDir directory;
  const auto log = directory / "fifo";
  REQUIRE(::mkfifo(log.c_str(), 0600) == 0);
  const toolkit::UniqueFd reader(::open(log.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const Outcome outcome = run_toolkit(run_with(
      {"--stall", "400ms", "--console", "none", "--log", log}, fixture("lines", "100000", "99")));
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.seconds < relaxed(12));
  CHECK(contains(outcome.err, "it took nothing for 400ms"));
  CHECK(contains(outcome.err, "not logged"));
}
