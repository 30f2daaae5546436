// Eight who wait for one job, as a job's shells, sidecars and users do: all of them are told the
// same, and whoever reads the record meanwhile never finds half of one.
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <tests/integration/run_files.hpp>

#include <atomic>
#include <fstream>
#include <iterator>
#include <random>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

constexpr int kReaders = 8;

// A state directory that other users may read.
struct SharedDir : TempDir {
  SharedDir() { REQUIRE(::chmod(path().c_str(), 0755) == 0); }
};

// Every second one is another user, where that is possible.
std::vector<Process> eight_waiters(const std::string& directory, const std::string& condition) {
  const Words other{"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"};
  const Words wait{toolkit_path(), "wait", "--timeout", "30s", "--state-dir", directory, condition};
  std::vector<Process> waiters;
  for (int i = 0; i < kReaders; ++i) {
    waiters.emplace_back(i % 2 == 1 && ::geteuid() == 0 ? other + wait : wait);
  }
  return waiters;
}

/// Eight threads that parse a record again and again, and count what is none.
class RecordReaders {
 public:
  explicit RecordReaders(std::string path) : path_(std::move(path)) {
    for (int i = 0; i < kReaders; ++i) {
      threads_.emplace_back([this](const std::stop_token& stop) { read(stop); });
    }
  }
  void stop() { threads_.clear(); }
  [[nodiscard]] int whole() const { return whole_; }
  [[nodiscard]] int broken() const { return broken_; }

 private:
  void read(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (std::ifstream file(path_); file) {
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        const auto json = nlohmann::json::parse(text, nullptr, false);
        ++(json.contains("state") && text.ends_with("}\n") ? whole_ : broken_);
      }
      std::this_thread::sleep_for(1ms);
    }
  }

  std::string path_;
  std::atomic<int> whole_ = 0, broken_ = 0;
  std::vector<std::jthread> threads_;
};

// A job that writes a record every few milliseconds, since it is restarted so often.
Words restless(const std::string& directory, const std::string& name, const Words& child) {
  return run_with(Words{"-q", "--state-dir", directory, "--name", name, "--die-with-parent",
                        "--restart", "on-failure:1000", "--restart-delay", "1ms"},
                  child);
}

}  // namespace

TEST_CASE("eight who wait for one job are all told its code") {
  const auto seed = std::random_device{}();
  MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const SharedDir directory;
  for (int i = 0; i < rounds(4, 100); ++i) {
    const std::string name = "job" + std::to_string(i);
    const int code = static_cast<int>(random() % 256);
    CAPTURE(code);
    auto waiters = eight_waiters(directory.path(), "job:" + name);
    RecordReaders readers(directory / (name + "/job.json"));
    const Words named{"-q", "--state-dir", directory.path(), "--name", name};
    const Words child =
        shell("sleep 0.0" + std::to_string(random() % 10) + "; exit " + std::to_string(code));
    CHECK(run_toolkit(run_with(named, child)).exit_code == code);
    for (Process& waiter : waiters) {
      CHECK(waiter.wait().exit_code == code);
    }
    readers.stop();
    CHECK(readers.broken() == 0);
  }
}

TEST_CASE("eight who wait for a job whose supervisor is killed are all told that it is lost") {
  const auto seed = std::random_device{}();
  MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const SharedDir directory;
  int whole = 0;
  double slowest = 0;
  for (int i = 0; i < rounds(10, 50); ++i) {
    CAPTURE(i);
    const std::string name = "job" + std::to_string(i);
    auto waiters = eight_waiters(directory.path(), "job:" + name);
    RecordReaders readers(directory / (name + "/job.json"));
    auto run = start_toolkit(restless(directory.path(), name, fixture("exit", "9")));
    REQUIRE(wait_until([&] { return file_exists(directory / (name + "/lock")); }));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 200'000));
    run.signal(SIGKILL);
    const auto killed = std::chrono::steady_clock::now();
    for (Process& waiter : waiters) {
      const Outcome& outcome = waiter.wait();
      CHECK(outcome.exit_code == 120);
      CHECK(contains(outcome.err, "its supervisor died: last known as "));
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - killed;
    slowest = std::max(slowest, seconds.count());
    readers.stop();
    CHECK(readers.broken() == 0);
    whole += readers.whole();
  }
  MESSAGE(whole << " records read, the last of eight told after " << slowest << " s at most");
  CHECK(whole > 0);
  CHECK(slowest < relaxed(2));
}
