#include <toolkit/condition/condition.hpp>
#include <toolkit/process/tree.hpp>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <tests/support/drive_probe.hpp>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

#include <csignal>
#include <string>

using toolkit::condition::parse;
using toolkit::probe::Finding;
using toolkit::probe::make_probe;
using toolkit::probe::Reason;
using toolkit::support::attempt;
using toolkit::support::drive_once;
using toolkit::support::drive_until;
using toolkit::support::drive_until_final;
using toolkit::support::TempDir;

namespace {

std::unique_ptr<toolkit::probe::Probe> probe_of(const std::string& text) {
  const std::vector<std::string> words{text};
  const auto tree = parse(words);
  REQUIRE(tree);
  auto probe = make_probe(tree->leaves[0], {});
  REQUIRE(probe);
  return std::move(*probe);
}

toolkit::condition::Mistake mistake_of(const std::string& text) {
  const std::vector<std::string> words{text};
  const auto tree = parse(words);
  if (!tree) {
    return tree.error();
  }
  auto probe = make_probe(tree->leaves[0], {});
  REQUIRE_FALSE(probe);
  return probe.error();
}

// A process that ends when told, and that nobody reaps before the end of the scope but reap().
class Child {
 public:
  explicit Child(int code) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[1]);
      char byte = 0;
      (void)!::read(ends[0], &byte, 1);
      ::_exit(code);
    }
    ::close(ends[0]);
    go_ = ends[1];
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { reap(); }
  void end() {
    if (go_ >= 0) {
      ::close(std::exchange(go_, -1));
    }
  }
  void reap() {
    end();
    if (pid_ > 0) {
      ::waitpid(std::exchange(pid_, 0), nullptr, 0);
    }
  }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string leaf() const { return "pid:" + std::to_string(pid_); }

 private:
  pid_t pid_ = 0;
  int go_ = -1;
};

}  // namespace

TEST_CASE("a process that is not ours to wait for is over with its code") {
  Child child(37);
  const auto probe = probe_of(child.leaf());
  const Finding before = attempt(*probe);
  CHECK_FALSE(before.met);
  CHECK_FALSE(before.final);
  CHECK(before.reason == Reason::not_yet);
  CHECK(before.words == "process " + std::to_string(child.pid()) + " is running");
  CHECK(probe->tells_all());
  child.end();
  const Finding over = drive_until_final(*probe);
  CHECK(over.met);
  CHECK(over.final);
  CHECK(over.reason == Reason::over);
  CHECK(over.exit_code == 37);
  CHECK(over.words == "exited 37");
  CHECK(attempt(*probe).exit_code == 37);  // asked again, the same
}

TEST_CASE("a process that is killed is over with 128 and the signal's number") {
  Child child(0);
  const auto probe = probe_of(child.leaf());
  (void)attempt(*probe);
  ::kill(child.pid(), SIGKILL);
  const Finding over = drive_until_final(*probe);
  CHECK(over.exit_code == 137);
  CHECK(over.words == "killed by SIGKILL");
}

TEST_CASE("without an event a process costs no look") {
  Child child(0);
  const auto probe = probe_of(child.leaf());
  (void)attempt(*probe);
  CHECK(probe->next_deadline() == toolkit::SteadyTime::max());
  const auto start = std::chrono::steady_clock::now();
  drive_once(*probe, start + std::chrono::milliseconds(50));
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(50));
  CHECK_FALSE(probe->stirred());
}

TEST_CASE("a process that does not exist cannot be waited for") {
  const Finding finding = attempt(*probe_of("pid:4194304"));  // proc(5): pids are below 2^22
  CHECK_FALSE(finding.met);
  CHECK(finding.final);
  CHECK(finding.reason == Reason::absent);
  CHECK(finding.words == "no process 4194304");
  CHECK_FALSE(finding.exit_code);
}

TEST_CASE("a start time tells a process from a later one of its number") {
  Child child(5);
  const auto ticks = toolkit::process::process_info(child.pid()).start_ticks;
  const auto same = probe_of(child.leaf() + ":" + std::to_string(ticks));
  CHECK_FALSE(attempt(*same).final);
  const Finding other = attempt(*probe_of(child.leaf() + ":" + std::to_string(ticks + 1)));
  CHECK_FALSE(other.met);
  CHECK(other.final);
  CHECK(other.reason == Reason::absent);
  CHECK(other.words == std::to_string(child.pid()) +
                           " is another process now: it started at tick " + std::to_string(ticks) +
                           ", not " + std::to_string(ticks + 1));
  child.end();
  CHECK(drive_until_final(*same).exit_code == 5);
}

TEST_CASE("a wanted code is met, another is final and keeps its number") {
  struct Case {
    int code;
    const char* list;
    bool met;
    std::optional<int> exit_code;
    const char* words;
  };
  for (const Case& sample :
       {Case{0, "0", true, 0, "exited 0"}, Case{4, "0", false, 4, "exited 4, not 0"},
        Case{4, "0,3-5", true, std::nullopt, "exited 4"},
        Case{6, "0,3-5", false, 6, "exited 6, not 0,3-5"}}) {
    CAPTURE(sample.list);
    CAPTURE(sample.code);
    Child child(sample.code);
    const auto probe = probe_of(child.leaf() + " code=" + sample.list);
    child.end();
    const Finding over = drive_until_final(*probe);
    CHECK(over.met == sample.met);
    CHECK(over.exit_code == sample.exit_code);
    CHECK(over.words == sample.words);
    CHECK(over.reason == Reason::over);
  }
}

TEST_CASE("a file may name its process later, and is needed no more once it has") {
  const TempDir dir;
  Child child(11);
  const auto probe = probe_of("pid:@" + (dir / "run/train.pid"));
  const Finding absent = attempt(*probe);
  CHECK(absent.reason == Reason::absent);
  CHECK_FALSE(absent.final);
  dir.write("run/train.pid", std::to_string(child.pid()) + "\n");
  const auto found =
      drive_until(*probe, [](const Finding& finding) { return finding.reason != Reason::absent; });
  CHECK(found.words == "process " + std::to_string(child.pid()) + " is running");
  REQUIRE(::unlink((dir / "run/train.pid").c_str()) == 0);
  child.end();
  CHECK(drive_until_final(*probe).exit_code == 11);
}

TEST_CASE("a file that names nobody keeps us waiting and says so") {
  const TempDir dir;
  const std::string path = dir.write("pid", "4194304\n");
  const auto probe = probe_of("pid:@" + path);
  CHECK(attempt(*probe).words == "it names 4194304, which is no process here");
  dir.write("pid", "soon\n");
  const Finding words = drive_until(*probe, [](const Finding& finding) {
    return finding.words.find("number") != std::string::npos;
  });
  CHECK(words.words == "its first line is no process number");
  CHECK_FALSE(words.final);
}

TEST_CASE("half a number is not taken for a process") {
  const TempDir dir;
  const std::string whole = std::to_string(::getpid());
  const std::string path = dir.write("pid", "1");  // the beginning of what is being written
  const auto probe = probe_of("pid:@" + path);
  CHECK(attempt(*probe).words == "it is being written");
  dir.write("pid", whole + "\n");
  const Finding found = drive_until(
      *probe, [](const Finding& finding) { return finding.words != "it is being written"; });
  CHECK(found.words == "process " + whole + " is running");
}

TEST_CASE("a number without an end of line is taken when it has not changed for a while") {
  const TempDir dir;
  const std::string whole = std::to_string(::getpid());
  const auto probe = probe_of("pid:@" + dir.write("pid", whole));
  const Finding found = drive_until(
      *probe, [](const Finding& finding) { return finding.words != "it is being written"; });
  CHECK(found.words == "process " + whole + " is running");
}

TEST_CASE(
    "an end that nobody may know is over with code 3 within seconds, and never met by code=0") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: needs root to become somebody else");
    return;
  }
  for (const bool wants_zero : {false, true}) {
    CAPTURE(wants_zero);
    Child child(0);
    child.end();
    ::usleep(100'000);  // a zombie of root, whose parent does not reap it
    int status = 0;
    const pid_t asker = ::fork();
    if (asker == 0) {
      if (::setgid(65534) != 0 || ::setuid(65534) != 0) {
        ::_exit(99);
      }
      const auto probe = probe_of(child.leaf() + (wants_zero ? " code=0" : ""));
      const auto start = std::chrono::steady_clock::now();
      const Finding over = drive_until_final(*probe);
      const bool quick = std::chrono::steady_clock::now() - start < std::chrono::seconds(5);
      const bool right = over.final && over.met == !wants_zero && over.exit_code == 3 &&
                         over.reason == (wants_zero ? Reason::unknown : Reason::over) &&
                         over.words == "ended, code unknown";
      ::_exit(right && quick ? 42 : 1);
    }
    ::waitpid(asker, &status, 0);
    CHECK(WEXITSTATUS(status) == 42);
  }
}

TEST_CASE("malformed processes and codes are mistakes with a place") {
  CHECK(mistake_of("pid:").offset <= 4);
  CHECK(mistake_of("pid:12 code=").offset <= 12);
  for (const char* text :
       {"pid:0", "pid:-1", "pid:x", "pid:12x", "pid:12:", "pid:12:x", "pid:4294967297", "pid:@"}) {
    CAPTURE(text);
    const auto mistake = mistake_of(text);
    CHECK(mistake.offset == 4);
    CHECK(mistake.message.find("is no process") != std::string::npos);
  }
  for (const char* code : {"256", "-1", "x", "3-1", "0,", "1-"}) {
    CAPTURE(code);
    const auto mistake = mistake_of(std::string("pid:12 code=") + code);
    CHECK(mistake.offset == 12);
    CHECK(mistake.message.find("is no list of exit codes") != std::string::npos);
  }
  CHECK(mistake_of("pid:12 state=running").offset == 7);
}
