#include <toolkit/condition/condition.hpp>
#include <toolkit/job/store.hpp>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tests/support/drive_probe.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/support/wait_until.hpp>
#include <unistd.h>

#include <csignal>

using toolkit::condition::parse;
using toolkit::job::Claim;
using toolkit::job::Record;
using toolkit::job::State;
using toolkit::probe::Finding;
using toolkit::probe::make_probe;
using toolkit::probe::Reason;
using toolkit::support::attempt;
using toolkit::support::drive_until;
using toolkit::support::drive_until_final;
using toolkit::support::drive_until_met;
using toolkit::support::TempDir;
using namespace std::chrono_literals;

namespace {

auto make(const std::string& text, const std::string& state_directory) {
  const std::vector<std::string> words{text};
  const auto tree = parse(words);
  REQUIRE(tree);
  return make_probe(tree->leaves[0], {.state_directory = state_directory, .ca_file = {}});
}

std::unique_ptr<toolkit::probe::Probe> probe_of(const std::string& text,
                                                const std::string& state_directory) {
  auto probe = make(text, state_directory);
  REQUIRE(probe);
  return std::move(*probe);
}

Record record_of(State state, const std::string& generation = "g1", std::optional<int> code = {}) {
  Record record;
  record.name = "train";
  record.generation = generation;
  record.state = state;
  record.pid = 77;
  record.exit_code = code;
  return record;
}

Claim claim(const TempDir& dir) {
  auto taken = Claim::take(dir.path(), "train");
  REQUIRE(taken);
  return std::move(*taken);
}

// A supervisor in a process of its own, that has written this record.
pid_t start_supervisor(const TempDir& dir, State state) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    auto taken = Claim::take(dir.path(), "train");
    if (!taken || !taken->write(record_of(state))) {
      ::_exit(1);
    }
    dir.write("ready", "");
    ::pause();
    ::_exit(0);
  }
  REQUIRE(
      toolkit::support::wait_until([&] { return toolkit::support::file_exists(dir / "ready"); }));
  return pid;
}

bool is_running(const Finding& finding) { return finding.words.starts_with("running"); }

}  // namespace

TEST_CASE("a job may come after its waiter, and its directories too") {
  const TempDir dir;
  const auto probe = probe_of("job:" + (dir / "volume/state/train"), {});
  const Finding absent = attempt(*probe);
  CHECK(absent.reason == Reason::absent);
  CHECK_FALSE(absent.final);
  CHECK(absent.words == "no such job yet in " + (dir / "volume/state/train"));
  auto taken = Claim::take(dir / "volume/state", "train");
  REQUIRE(taken);
  REQUIRE(taken->write(record_of(State::running)));
  const auto start = std::chrono::steady_clock::now();
  CHECK(drive_until(*probe, is_running).words == "running, attempt 1, pid 77");
  REQUIRE(taken->write(record_of(State::exited, "g1", 9)));
  const Finding over = drive_until_final(*probe);
  CHECK(std::chrono::steady_clock::now() - start < 5s);
  CHECK(over.met);
  CHECK(over.exit_code == 9);
}

TEST_CASE("a job that has ended counts by its record, by name and by directory") {
  const TempDir dir;
  { REQUIRE(claim(dir).write(record_of(State::exited, "g1", 3))); }
  CHECK(attempt(*probe_of("job:train", dir.path())).exit_code == 3);
  CHECK(attempt(*probe_of("job:" + (dir / "train"), "/nowhere")).exit_code == 3);
  CHECK(attempt(*probe_of("job:" + (dir / "train/"), "/nowhere")).exit_code == 3);
  const Finding other = attempt(*probe_of("job:train code=0", dir.path()));
  CHECK_FALSE(other.met);
  CHECK(other.final);
  CHECK(other.words == "exited 3, not 0");
}

TEST_CASE("a supervisor that was killed is told as lost, once, with what was known") {
  const TempDir dir;
  const pid_t supervisor = start_supervisor(dir, State::stopping);
  const auto probe = probe_of("job:train", dir.path());
  CHECK(attempt(*probe).words == "stopping, attempt 1, pid 77");
  ::kill(supervisor, SIGKILL);
  ::waitpid(supervisor, nullptr, 0);
  const auto start = std::chrono::steady_clock::now();
  const Finding lost = drive_until_final(*probe);
  CHECK(std::chrono::steady_clock::now() - start < 2s);
  CHECK_FALSE(lost.met);
  CHECK(lost.reason == Reason::lost);
  CHECK(lost.exit_code == 120);
  CHECK(lost.words == "its supervisor died: last known as stopping, attempt 1, pid 77");
}

TEST_CASE("a supervisor that dies before its first record is lost too") {
  const TempDir dir;
  { (void)claim(dir); }
  const Finding lost = drive_until_final(*probe_of("job:train", dir.path()));
  CHECK(lost.reason == Reason::lost);
  CHECK(lost.words == "its supervisor died: last known as starting, attempt 1, no process yet");
}

TEST_CASE("a record that is none keeps us waiting, and says what is wrong with it") {
  const TempDir dir;
  struct Case {
    const char* text;
    const char* words;
  };
  for (const Case& sample :
       {Case{"", "not a job record: not a JSON object"},
        Case{"{\"schema\":\"other/1\"}", "not a job record: 'schema' is not toolkit.job/1"},
        Case{"{\"schema\":\"toolkit.job/1\",\"name\":\"train\",\"state\":\"odd\"}",
             "not a job record: 'state' is not a known state"}}) {
    CAPTURE(sample.text);
    dir.write("train/job.json", sample.text);
    const Finding finding = attempt(*probe_of("job:train", dir.path()));
    CHECK_FALSE(finding.met);
    CHECK_FALSE(finding.final);
    CHECK(finding.reason == Reason::protocol);
    CHECK(finding.words == "cannot read " + (dir / "train/job.json") + ": " + sample.words);
  }
  const auto probe = probe_of("job:train", dir.path());
  (void)attempt(*probe);
  auto taken = claim(dir);
  REQUIRE(taken.write(record_of(State::exited, "g1", 8)));
  CHECK(drive_until_final(*probe).exit_code == 8);
}

TEST_CASE("a FIFO in the place of a record does not hold us") {
  const TempDir dir;
  REQUIRE(::mkdir((dir / "train").c_str(), 0755) == 0);
  REQUIRE(::mkfifo((dir / "train/job.json").c_str(), 0644) == 0);
  CHECK(attempt(*probe_of("job:train", dir.path())).reason == Reason::protocol);
}

TEST_CASE("until it runs") {
  const TempDir dir;
  const auto probe = probe_of("job:train state=running", dir.path());
  CHECK_FALSE(attempt(*probe).met);
  auto taken = claim(dir);
  REQUIRE(taken.write(record_of(State::starting)));
  CHECK_FALSE(attempt(*probe).met);
  REQUIRE(taken.write(record_of(State::running)));
  CHECK(drive_until_met(*probe).met);
  REQUIRE(taken.write(record_of(State::exited, "g1", 5)));
  const Finding over = drive_until_final(*probe);
  CHECK_FALSE(over.met);
  CHECK(over.exit_code == 5);
}

TEST_CASE("only a new job") {
  const TempDir dir;
  { REQUIRE(claim(dir).write(record_of(State::exited, "g1", 3))); }
  const auto probe = probe_of("job:train new=yes", dir.path());
  CHECK_FALSE(attempt(*probe).final);
  auto taken = claim(dir);
  REQUIRE(taken.forget_predecessor());
  (void)attempt(*probe);
  REQUIRE(taken.write(record_of(State::running, "g2")));
  REQUIRE(taken.write(record_of(State::exited, "g2", 4)));
  CHECK(drive_until_final(*probe).exit_code == 4);
}

TEST_CASE("a lock that goes is noticed although no event tells of it") {
  const TempDir dir;
  auto taken = std::make_unique<Claim>(claim(dir));
  REQUIRE(taken->write(record_of(State::running)));
  const auto probe = probe_of("job:train", dir.path());
  CHECK_FALSE(attempt(*probe).final);
  taken.reset();
  CHECK(drive_until_final(*probe, 2s, 1h).reason == Reason::lost);
}

TEST_CASE("malformed jobs are mistakes with a place") {
  struct Case {
    const char* text;
    std::size_t offset;
  };
  for (const Case& sample :
       {Case{"job:-x", 4}, Case{"job:a\\ b", 4}, Case{"job:train state=gone", 16},
        Case{"job:train new=maybe", 14}, Case{"job:train code=x", 15},
        Case{"job:train codes=0", 10}, Case{"job:train state!=running", 17}}) {
    CAPTURE(sample.text);
    const auto probe = make(sample.text, {});
    REQUIRE_FALSE(probe);
    CHECK(probe.error().offset == sample.offset);
  }
}
