#include "src/supervise/verdict.hpp"

#include <doctest/doctest.h>
#include <signal.h>

using namespace toolkit;
using namespace toolkit::supervise;

namespace {

// wait(2): the low seven bits are the signal, 0x80 the core, the next byte the exit code.
process::WaitStatus exited(int code) { return process::WaitStatus(code << 8); }
process::WaitStatus killed(int signal, bool core = false) {
  return process::WaitStatus(signal | (core ? 0x80 : 0));
}

Facts with_oom(process::WaitStatus status, std::uint64_t before, std::uint64_t after) {
  Facts facts{.status = status};
  facts.oom_before = cgroup::OomCounts{before, 0};
  facts.oom_after = cgroup::OomCounts{after, 0};
  return facts;
}

}  // namespace

TEST_CASE("an exit is the child's own code") {
  for (int code = 0; code < 256; ++code) {
    const Verdict verdict = judge({.status = exited(code)});
    CHECK(verdict.exit_code == code);
    CHECK(verdict.reason == "exited");
  }
}

TEST_CASE("a fatal signal is 128+N, and a core is told") {
  const Verdict verdict = judge({.status = killed(SIGSEGV, true)});
  CHECK(verdict.exit_code == 139);
  CHECK(verdict.reason == "signal");
  CHECK(verdict.words == "killed by SIGSEGV (core dumped)");
}

TEST_CASE("out of memory needs SIGKILL, a counter that rose, and that it was not us") {
  CHECK(judge(with_oom(killed(SIGKILL), 3, 4)).reason == "oom");
  CHECK(judge(with_oom(killed(SIGKILL), 3, 4)).exit_code == 137);
  CHECK(judge(with_oom(killed(SIGKILL), 3, 3)).reason == "signal");
  CHECK(judge(with_oom(killed(SIGTERM), 3, 4)).reason == "signal");
  CHECK(judge(with_oom(exited(137), 3, 4)).reason == "exited");
  Facts ours = with_oom(killed(SIGKILL), 3, 4);
  ours.we_killed = true;
  CHECK_FALSE(judge(ours).oom_killed);
}

TEST_CASE("counters that cannot be seen, or that went back, are no evidence") {
  CHECK(judge({.status = killed(SIGKILL)}).words.find("cannot be seen") != std::string::npos);
  CHECK_FALSE(judge(with_oom(killed(SIGKILL), 4, 3)).oom_killed);
}

TEST_CASE("the kernel's victims among the others are told beside the child's own end") {
  const Verdict verdict = judge(with_oom(exited(1), 0, 2));
  CHECK(verdict.reason == "exited");
  CHECK(verdict.oom_kills == 2);
  CHECK(verdict.words == "exited with code 1; the kernel killed 2 other processes here for memory");
}

TEST_CASE("timeouts are 124 whatever the child answered") {
  CHECK(judge({.status = exited(0), .cause = Cause::timeout}).exit_code == 124);
  CHECK(judge({.status = killed(SIGTERM), .cause = Cause::idle_timeout}).exit_code == 124);
}

TEST_CASE("a cancelled job has the child's own code, so that a saved checkpoint can say 0") {
  const Verdict verdict =
      judge({.status = exited(0), .cause = Cause::signal, .cause_signal = SIGTERM});
  CHECK(verdict.exit_code == 0);
  CHECK(verdict.reason == "cancelled");
  CHECK(verdict.words == "stopped by SIGTERM, exited with code 0");
}
