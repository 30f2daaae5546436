#include "followed_process.hpp"

#include <toolkit/base/error.hpp>
#include <toolkit/process/exit_info.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::probe {
namespace {

using process::Stage;

// A parent that reaps brings the code; one that never does must not keep us.
constexpr Milliseconds kReapPatience{1'000};

Finding refusal(pid_t pid, int error) {
  switch (error) {
    case ESRCH:
      return {false, true, Reason::absent, fmt::format("no process {}", pid), {}};
    case EINVAL:  // before Linux 6.16
    case ENOENT:
      return {false, true, Reason::absent, fmt::format("{} is a thread, not a process", pid), {}};
    default:  // ENOSYS before Linux 5.3, EPERM from a filter of system calls
      return {false, true, Reason::unknown,
              fmt::format("cannot follow process {}: {}", pid, errno_words(error)), 3};
  }
}

std::optional<Finding> refuse_another(int process, pid_t pid, std::uint64_t wanted) {
  const auto started = process::start_ticks_of(process);
  if (!started) {
    return Finding{false, true, Reason::unknown,
                   fmt::format("cannot see when process {} started", pid), 3};
  }
  if (*started != wanted) {
    return Finding{false,
                   true,
                   Reason::absent,
                   fmt::format("{} is another process now: it started at tick {}, not {}", pid,
                               *started, wanted),
                   {}};
  }
  return std::nullopt;
}

}  // namespace

FollowedProcess::FollowedProcess(pid_t pid, tl::expected<UniqueFd, int> process,
                                 std::optional<std::uint64_t> start_ticks, WantedCodes wanted)
    : pid_(pid), wanted_(std::move(wanted)) {
  if (!process) {
    final_ = refusal(pid, process.error());
    return;
  }
  process_ = std::move(*process);
  if (start_ticks) {
    final_ = refuse_another(process_.get(), pid, *start_ticks);
  }
}

void FollowedProcess::begin(SteadyTime now, SteadyTime until) {
  stirred_ = false;
  under_way_ = true;
  until_ = until;
  look(now);
}

void FollowedProcess::collect(std::vector<pollfd>& entries) const {
  if (!final_) {
    // A zombie would be POLLIN for ever; POLLHUP is told unasked, when it is reaped.
    entries.push_back({process_.get(), static_cast<short>(reap_until_ ? 0 : POLLIN), 0});
  }
}

SteadyTime FollowedProcess::next_deadline() const {
  if (final_ || !reap_until_) {
    return SteadyTime::max();
  }
  return under_way_ ? std::min(*reap_until_, until_) : *reap_until_;
}

void FollowedProcess::advance(std::span<const pollfd> entries, SteadyTime now) {
  if (under_way_) {
    look(now);
  } else {
    stirred_ = stirred_ || (reap_until_ && now >= *reap_until_) ||
               std::ranges::any_of(entries, [](const pollfd& entry) { return entry.revents != 0; });
  }
}

void FollowedProcess::answer(Finding finding) {
  if (finding.final) {
    final_ = finding;
  }
  answer_ = std::move(finding);
  under_way_ = false;
}

void FollowedProcess::look(SteadyTime now) {
  if (final_) {
    return answer(*final_);
  }
  const process::ExitLook seen = process::look_at_exit(process_.get());
  if (seen.status) {
    return answer(wanted_.judge(seen.status->exit_code(), end_words(*seen.status)));
  }
  if (seen.stage == Stage::running) {
    return answer({false, false, Reason::not_yet, fmt::format("process {} is running", pid_), {}});
  }
  if (seen.reap_will_tell) {
    reap_until_ = reap_until_.value_or(now + kReapPatience);
  }
  if (!seen.reap_will_tell || now >= *reap_until_) {
    return answer(wanted_.judge_unknown("ended, code unknown"));
  }
  if (now >= until_) {
    answer({false,
            false,
            Reason::not_yet,
            fmt::format("process {} has ended, and its parent has not asked how", pid_),
            {}});
  }
}

}  // namespace toolkit::probe
