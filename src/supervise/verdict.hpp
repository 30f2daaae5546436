#pragma once
// How a job ended, from the facts: exit code, reason, one line for people. Pure.

#include <toolkit/cgroup/memory.hpp>
#include <toolkit/process/wait_status.hpp>
#include <toolkit/supervise/options.hpp>

#include <optional>
#include <string>

namespace toolkit::supervise {

enum class Cause { none, signal, terminal, timeout, idle_timeout, parent_death };

struct Facts {
  process::WaitStatus status;
  Cause cause = Cause::none;  // why we began to stop it
  int cause_signal = 0;       // the signal that asked us
  bool we_killed = false;     // our SIGKILL was sent before the main process ended
  std::optional<cgroup::OomCounts> oom_before{}, oom_after{};  // none: the counters cannot be seen
  std::optional<std::uint64_t> memory_limit{};
};

struct Verdict {
  int exit_code = 0;
  std::string reason;  // exited signal oom timeout idle_timeout cancelled
  std::string words;   // "killed by SIGKILL: out of memory (cgroup limit 512.0 MiB)"
  bool oom_killed = false;
  std::uint64_t oom_kills = 0;  // by the kernel in this cgroup while the job ran
};

[[nodiscard]] Verdict judge(const Facts& facts);

}  // namespace toolkit::supervise
