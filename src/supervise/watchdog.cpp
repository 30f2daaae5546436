#include "watchdog.hpp"

#include <toolkit/process/tree.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace toolkit::supervise {
namespace {

// A polling thread of a hung library uses a tick (10 ms) now and then: NCCL's and Python's do. That
// is not progress, so a tree must use at least 1 % of one CPU to count as busy.
constexpr std::uint64_t kBusyTicksPerSecond = 1;

std::uint64_t ticks_of_tree() {
  std::uint64_t ticks = 0;
  for (const process::ProcessInfo& info : process::descendants(::getpid())) {
    ticks += info.cpu_ticks;
  }
  return ticks;
}

}  // namespace

Watchdog::Watchdog(Milliseconds limit, std::string heartbeat, SteadyTime now)
    : limit_(limit),
      heartbeat_(std::move(heartbeat)),
      last_activity_(now),
      next_look_(limit.count() > 0 ? now : SteadyTime::max()) {}

bool Watchdog::tree_used_cpu(SteadyTime now) {
  const std::uint64_t ticks = ticks_of_tree();
  const auto looked_before = next_look_ - limit_ / 10;
  const auto seconds = std::chrono::duration<double>(now - looked_before).count();
  const std::uint64_t used = ticks > cpu_ticks_ ? ticks - cpu_ticks_ : 0;
  // A process that ends takes its ticks with it: fewer than before is a change too.
  const bool changed =
      ticks < cpu_ticks_ || used > static_cast<std::uint64_t>(seconds * kBusyTicksPerSecond);
  cpu_ticks_ = ticks;
  return changed;
}

bool Watchdog::heartbeat_moved() {
  struct stat status {};
  if (heartbeat_.empty() || ::stat(heartbeat_.c_str(), &status) != 0) {
    return false;
  }
  const std::int64_t time = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
  return std::exchange(heartbeat_time_, time) != time;
}

bool Watchdog::expired(SteadyTime now, SteadyTime last_output) {
  last_activity_ = std::max(last_activity_, last_output);
  if (!enabled() || now < next_look_) {
    return false;
  }
  const bool busy = tree_used_cpu(now);
  const bool alive = heartbeat_moved();
  if (busy || alive) {
    last_activity_ = now;
  }
  next_look_ = now + limit_ / 10;
  // On a machine that is too full a busy job may get no time at all. It is asked at the last moment
  // only: a hung job that polls is seen running now and then, and lives until the next look.
  return now - last_activity_ >= limit_ && !process::wants_processor(::getpid());
}

}  // namespace toolkit::supervise
