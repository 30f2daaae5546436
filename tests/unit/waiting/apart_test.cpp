#include "src/waiting/apart.hpp"

#include "fake_probe.hpp"
#include "src/waiting/wire.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <thread>

using toolkit::Milliseconds;
using toolkit::waiting::can_hold_us;
using toolkit::waiting::Ending;
using toolkit::waiting::LeafReport;
using toolkit::waiting::Message;
using toolkit::waiting::Report;
using namespace toolkit::waiting::test;

namespace {

/// One leaf that is waited for in another process.
Report wait_apart_for(Answer answer, Milliseconds timeout,
                      const toolkit::waiting::Interrupt& interrupt = {},
                      const toolkit::waiting::Progress& progress = {}) {
  std::vector<std::unique_ptr<toolkit::probe::Probe>> probes;
  probes.push_back(std::make_unique<FakeProbe>(std::move(answer)));
  toolkit::waiting::Options options;
  options.tree = tree_of(leaf(0), 1);
  options.timeout = timeout;
  auto inner = toolkit::waiting::Waiter::around(std::move(options), std::move(probes));
  const LeafReport untried{.text = "fake:0", .finding = {}};
  return toolkit::waiting::wait_apart(std::move(inner), {untried}, timeout)
      ->wait(progress, interrupt);
}

/// As a file system does whose server hangs.
Answer held() {
  return [](int) -> std::optional<Finding> {
    std::this_thread::sleep_for(std::chrono::seconds(30));
    return std::nullopt;
  };
}

}  // namespace

TEST_CASE("only file systems whose server may keep a question for ever call for a process apart") {
  const std::string_view kRoot = "29 1 8:1 / / rw,relatime shared:1 - ext4 /dev/vda rw\n";
  const struct {
    const char* type;
    bool holds;
  } cases[] = {{"fuse", true},     {"fuse.sshfs", true}, {"fuseblk", true},
               {"virtiofs", true}, {"fusectl", false},   {"nfs4", true},
               {"ceph", true},     {"overlay", false},   {"ext4", false}};
  for (const auto& one : cases) {
    CAPTURE(one.type);
    CHECK(can_hold_us(std::string(kRoot) + "37 29 0:33 / /data rw - " + one.type + " host:/ rw\n" +
                      std::string(kRoot)) == one.holds);
  }
  CHECK_FALSE(can_hold_us(kRoot));
  CHECK_FALSE(can_hold_us("29 1 0:1 / /fuse rw - ext4 fuse fuse\n"));
  CHECK_FALSE(can_hold_us(""));
}

TEST_CASE("a report goes over whole, in whatever pieces it comes") {
  Message sent;
  sent.last = true;
  sent.report = {
      Ending::lost,
      120,
      15,
      1.5,
      {{"job:a", {true, true, Reason::over, std::string("exited\0 3", 9), 3}, 7, true, true, 0.25},
       {"", {}, 0, false, false, 0}},
      {1, 0}};
  const std::string bytes = pack(sent) + pack(Message{});
  std::string inbox;
  std::vector<Message> got;
  for (const char byte : bytes) {
    inbox += byte;
    if (auto message = toolkit::waiting::unpack(inbox)) {
      got.push_back(*message);
    }
  }
  REQUIRE(got.size() == 2);
  CHECK(inbox.empty());
  CHECK(pack(got[0]) == pack(sent));
  CHECK(got[0].report.seconds == 1.5);
  const LeafReport& job = got[0].report.leaves[0];
  CHECK(job.negated);
  CHECK(job.finding.words == sent.report.leaves[0].finding.words);
  CHECK(job.finding.exit_code == 3);
  CHECK(got[0].report.missing == std::vector<std::size_t>{1, 0});
  CHECK_FALSE(got[1].last);
}

TEST_CASE("a wait apart ends as one that is not") {
  int shown = 0;
  const auto third = [](int attempt) { return std::optional(attempt < 3 ? refused() : over(7)); };
  const Report report =
      wait_apart_for(third, Milliseconds(10'000), {}, {[&](const auto& leaves, double) {
                       CHECK(leaves.at(0).text == "fake:0");
                       ++shown;
                     }});
  CHECK(report.ending == Ending::over);
  CHECK(report.exit_code == 7);
  CHECK(report.leaves.at(0).attempts == 3);
  CHECK(report.leaves.at(0).finding.words == "exited 7");
  CHECK(shown >= 1);
  const Report late = wait_apart_for(always(refused()), Milliseconds(100));
  CHECK(late.exit_code == 124);
  CHECK(late.leaves.at(0).finding.reason == Reason::refused);
}

TEST_CASE("what holds the process apart holds neither the deadline nor a signal") {
  const auto begin = std::chrono::steady_clock::now();
  const Report late = wait_apart_for(held(), Milliseconds(200));
  CHECK(late.ending == Ending::timed_out);
  CHECK(late.exit_code == 124);
  CHECK(late.missing == std::vector<std::size_t>{0});
  CHECK(late.leaves.at(0).finding.reason == Reason::timed_out);
  toolkit::UniqueFd event(::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
  const Report stopped = wait_apart_for(held(), Milliseconds(0), {event.get(), [] { return 15; }});
  CHECK(stopped.ending == Ending::interrupted);
  CHECK(stopped.exit_code == 143);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
}

TEST_CASE("a signal is the child's to report where it can") {
  toolkit::UniqueFd event(::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
  const Report report = wait_apart_for(silent(), Milliseconds(0), {event.get(), [] { return 2; }});
  CHECK(report.ending == Ending::interrupted);
  CHECK(report.signal == 2);
  CHECK(report.leaves.at(0).attempts == 1);
}

TEST_CASE("when the process apart is killed nothing is known") {
  const auto killed = [](int) -> std::optional<Finding> {
    ::kill(::getpid(), SIGKILL);
    return std::nullopt;
  };
  const Report report = wait_apart_for(killed, Milliseconds(10'000));
  CHECK(report.ending == Ending::unknown);
  CHECK(report.exit_code == 3);
}

TEST_CASE("what was said before the process apart was held is what is reported") {
  const auto once = [](int attempt) -> std::optional<Finding> {
    if (attempt > 1) {
      std::this_thread::sleep_for(std::chrono::seconds(30));
    }
    return refused();
  };
  const Report report = wait_apart_for(once, Milliseconds(500));
  CHECK(report.exit_code == 124);
  CHECK(report.leaves.at(0).attempts >= 1);
  CHECK(report.leaves.at(0).finding.reason == Reason::refused);
}

TEST_CASE("a process apart that is held does not outlive the wait") {
  (void)wait_apart_for(held(), Milliseconds(100));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  pid_t reaped = 0;
  while ((reaped = ::waitpid(-1, nullptr, WNOHANG)) == 0 &&
         std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(Milliseconds(5));
  }
  CHECK(reaped != 0);
}
