#include "leaf.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <tests/support/drive_probe.hpp>
#include <tests/support/proc.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/support/wait_until.hpp>
#include <unistd.h>

using toolkit::probe::Finding;
using toolkit::probe::make_probe;
using toolkit::probe::Probe;
using toolkit::probe::Reason;
using toolkit::support::attempt;
using toolkit::support::children_of;
using toolkit::support::drive_once;
using toolkit::support::file_exists;
using toolkit::support::is_alive;
using toolkit::support::leaf_of;
using toolkit::support::read_file;
using toolkit::support::read_file_or_empty;
using toolkit::support::TempDir;
using toolkit::support::wait_until;

namespace {

std::unique_ptr<Probe> exec(const std::string& command) {
  auto probe = make_probe(leaf_of("exec", command), {});
  REQUIRE(probe);
  return std::move(*probe);
}

}  // namespace

TEST_CASE("exec: 0 is met, and what a command prints goes nowhere") {
  const Finding finding = attempt(*exec("echo out; echo err >&2; true"));
  CHECK(finding.met);
  CHECK(finding.reason == Reason::none);
  CHECK_FALSE(finding.final);
}

TEST_CASE("exec: a code, with the last line of stderr as its reason") {
  const Finding finding = attempt(*exec("echo first >&2; printf 'no\\033 disk\\n\\n' >&2; exit 3"));
  CHECK_FALSE(finding.met);
  CHECK_FALSE(finding.final);
  CHECK(finding.reason == Reason::status);
  CHECK(finding.words == "exited with code 3: no\\x1b disk");
  CHECK(attempt(*exec("exit 4")).words == "exited with code 4");
  CHECK(attempt(*exec("kill -SEGV $$")).words.starts_with("killed by SIGSEGV"));
}

TEST_CASE("exec: what cannot be run is final") {
  const Finding absent = attempt(*exec("no-such-command-here"));
  CHECK(absent.final);
  CHECK(absent.words.find("127") != std::string::npos);
  CHECK(attempt(*exec("/etc/hostname")).final);
}

TEST_CASE("exec: the command is asked anew by each attempt") {
  const TempDir dir;
  const auto probe = exec("test -e " + (dir / "ready"));
  CHECK_FALSE(attempt(*probe).met);
  dir.write("ready", "");
  CHECK(attempt(*probe).met);
}

TEST_CASE("exec: a command that takes too long is ended with its group, and no zombie stays") {
  const TempDir dir;
  const auto probe = exec("sleep 300 & echo $! > " + (dir / "pid") + "; wait");
  const Finding finding = attempt(*probe, std::chrono::milliseconds(700));
  CHECK_FALSE(finding.met);
  CHECK(finding.reason == Reason::timed_out);
  REQUIRE(file_exists(dir / "pid"));
  const pid_t grandchild = std::stoi(read_file(dir / "pid"));
  CHECK(wait_until([&] { return !is_alive(grandchild); }));
  CHECK(wait_until([&] {
    drive_once(*probe, std::chrono::steady_clock::now() + std::chrono::milliseconds(10));
    return children_of(::getpid()).empty();
  }));
}

TEST_CASE("exec: an attempt that is abandoned leaves nothing behind") {
  const TempDir dir;
  auto probe = exec("echo $$ > " + (dir / "pid") + "; sleep 300");
  const auto now = std::chrono::steady_clock::now();
  probe->begin(now, now + std::chrono::seconds(60));
  REQUIRE(wait_until([&] { return !read_file_or_empty(dir / "pid").empty(); }));
  const pid_t first = std::stoi(read_file(dir / "pid"));
  SUBCASE("by the next attempt") {
    probe->begin(now, now + std::chrono::seconds(60));
    CHECK(wait_until([&] { return !is_alive(first); }));
  }
  SUBCASE("by the end of the probe") {}
  probe.reset();
  CHECK_FALSE(is_alive(first));
  CHECK(children_of(::getpid()).empty());
}

TEST_CASE("exec: a command that never stops talking does not keep us") {
  const Finding finding = attempt(*exec("yes >&2"), std::chrono::milliseconds(300));
  CHECK(finding.reason == Reason::timed_out);
}

TEST_CASE("exec: a background process that keeps stderr open does not delay the answer") {
  const TempDir dir;
  const auto before = std::chrono::steady_clock::now();
  const Finding finding = attempt(*exec("sleep 30 & echo $! > " + (dir / "pid") + "; exit 0"),
                                  std::chrono::seconds(20));
  CHECK(finding.met);
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(10));
  ::kill(std::stoi(read_file(dir / "pid")), SIGKILL);
}

TEST_CASE("exec: after its answer there is nothing to go on with") {
  const auto probe = exec("exit 3");
  CHECK(attempt(*probe).words == "exited with code 3");
  probe->advance({}, std::chrono::steady_clock::now());
  CHECK_FALSE(probe->take());
}

TEST_CASE("exec: what a command leaves behind is reaped when it is ours") {
  const TempDir dir;
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const auto probe = exec("sleep 0.3 & echo $! > " + (dir / "pid"));
  CHECK(attempt(*probe).met);
  const pid_t left = std::stoi(read_file(dir / "pid"));
  CHECK(wait_until([&] { return !is_alive(left); }));
  CHECK(wait_until([&] {
    probe->advance({}, std::chrono::steady_clock::now());
    return children_of(::getpid()).empty();
  }));
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST_CASE("exec: needs a command") {
  CHECK(make_probe(leaf_of("exec", "  "), {}).error().message == "exec: needs a command");
}
