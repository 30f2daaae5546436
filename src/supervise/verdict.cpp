#include "verdict.hpp"

#include <toolkit/process/signals.hpp>

#include <fmt/core.h>

namespace toolkit::supervise {
namespace {

constexpr int kTimeoutCode = 124;  // as timeout(1)

std::uint64_t oom_kills(const Facts& facts) {
  if (!facts.oom_before || !facts.oom_after ||
      facts.oom_after->oom_kill < facts.oom_before->oom_kill) {
    return 0;
  }
  return facts.oom_after->oom_kill - facts.oom_before->oom_kill;
}

// SIGKILL that we did not send, in a cgroup where the kernel's OOM killer has struck meanwhile.
bool is_oom(const Facts& facts) {
  return facts.status.signal() == SIGKILL && !facts.we_killed && oom_kills(facts) > 0;
}

std::string oom_words(const Facts& facts) {
  return fmt::format("killed by SIGKILL: out of memory{}",
                     facts.memory_limit
                         ? fmt::format(" (cgroup limit {})", describe_bytes(*facts.memory_limit))
                         : "");
}

std::string stopped_because(const Facts& facts) {
  switch (facts.cause) {
    case Cause::timeout:
      return "timed out, ";
    case Cause::idle_timeout:
      return "idle for too long, ";
    case Cause::terminal:
      return "interrupted at the terminal, ";
    case Cause::parent_death:
      return "parent died, ";
    case Cause::signal:
      return fmt::format("stopped by {}, ", process::signal_name(facts.cause_signal));
    case Cause::none:
      break;
  }
  return {};
}

std::string external_kill(const Facts& facts) {
  if (facts.status.signal() != SIGKILL || facts.we_killed) {
    return {};
  }
  return facts.oom_before && facts.oom_after
             ? " by somebody else, not by the OOM killer of this cgroup"
             : " by somebody else or for memory: OOM counters cannot be seen here";
}

}  // namespace

Verdict judge(const Facts& facts) {
  Verdict verdict;
  verdict.exit_code = facts.status.exit_code();
  verdict.oom_kills = oom_kills(facts);
  verdict.oom_killed = is_oom(facts);
  if (verdict.oom_killed) {
    verdict.reason = "oom";
    verdict.words = oom_words(facts);
    return verdict;
  }
  verdict.words = stopped_because(facts) + facts.status.words() +
                  (facts.we_killed ? " after the grace" : external_kill(facts));
  if (facts.cause == Cause::timeout || facts.cause == Cause::idle_timeout) {
    verdict.exit_code = kTimeoutCode;
    verdict.reason = facts.cause == Cause::timeout ? "timeout" : "idle_timeout";
  } else if (facts.cause != Cause::none) {
    verdict.reason = "cancelled";
  } else {
    verdict.reason = facts.status.signal() != 0 ? "signal" : "exited";
  }
  if (verdict.oom_kills > 0) {
    verdict.words += fmt::format("; the kernel killed {} other process{} here for memory",
                                 verdict.oom_kills, verdict.oom_kills == 1 ? "" : "es");
  }
  return verdict;
}

}  // namespace toolkit::supervise
