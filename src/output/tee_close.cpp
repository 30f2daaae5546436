// The end of a child's output: what is in the pipes is read, what is held back gets its last
// chance.
#include "tee_impl.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>

namespace toolkit::output {
namespace {

using std::chrono::steady_clock;

int milliseconds_until(SteadyTime time) {
  const auto left = std::chrono::ceil<Milliseconds>(time - steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000));
}

}  // namespace

// What the child wrote before its end lies in the pipe now, so a pipe's worth of bytes is enough,
// however much a process that outlives it goes on writing.
void TeeImpl::refill_budgets() {
  for (Source& source : sources_) {
    source.drain_budget = source.pump.capacity();
  }
}

void TeeImpl::drain(WallTime wall, SteadyTime steady) {
  refill_budgets();
  (void)drain_once({wall, steady});
}

// False when a console or the log holds a source back that may have more.
bool TeeImpl::drain_once(Moment now) {
  bool done = true;
  for (Source& source : sources_) {
    while (source.pump.is_open() && source.drain_budget > 0 && !held(source)) {
      const std::uint64_t before = source.bytes;
      pump(source, now, 1);
      if (source.bytes == before) {
        source.drain_budget = 0;  // empty
      }
    }
    done = done && (!source.pump.is_open() || source.drain_budget == 0);
  }
  return done && rest_.empty();
}

// Unfinished lines are still to come, and may be long ones.
bool TeeImpl::log_is_full() const { return log_ && !log_stalled_ && log_->room() == 0; }

void TeeImpl::drain_patiently(Milliseconds limit) {
  const SteadyTime until = steady_clock::now() + std::max(limit, options_.stall_limit);
  refill_budgets();
  while (!drain_once({std::chrono::system_clock::now(), steady_clock::now()})) {
    if (steady_clock::now() >= until) {
      give_up_on_what_holds();
    }
    wait_for_sinks(until);
  }
  while (log_is_full() && steady_clock::now() < until) {
    wait_for_sinks(until);
  }
}

void TeeImpl::give_up_on_what_holds() {
  for (Source& source : sources_) {
    source.console.give_up();
  }
  if (!rest_.empty()) {
    feed_log({std::chrono::system_clock::now(), steady_clock::now()}, LogFile::WhenFull::drop);
  }
}

// dispatch() without the sources.
void TeeImpl::wait_for_sinks(SteadyTime until) {
  std::vector<pollfd> entries;
  collect(entries);
  entries[0].fd = entries[1].fd = -1;
  (void)::poll(entries.data(), entries.size(),
               milliseconds_until(std::min(until, next_deadline())));
  dispatch(entries.data(), entries.size(), std::chrono::system_clock::now(), steady_clock::now());
}

void TeeImpl::flush_consoles(SteadyTime until) {
  const auto pending = [&] {
    return std::any_of(sources_.begin(), sources_.end(),
                       [](const Source& source) { return source.console.pending(); });
  };
  while (pending() && steady_clock::now() < until) {
    wait_for_sinks(until);
  }
  for (Source& source : sources_) {
    source.console.give_up();
  }
}

void TeeImpl::close(Milliseconds limit, WallTime wall) {
  const SteadyTime begin = steady_clock::now();
  if (open_sources() || !rest_.empty()) {
    drain_patiently(limit);
    output_open_ = open_sources();
    for (Source& source : sources_) {
      source.pump.close();
    }
  }
  finish_lines({wall, begin});
  if (limit.count() > 0) {
    flush_consoles(begin + limit);
  }
  if (log_ && limit.count() > 0) {
    log_->flush(std::chrono::ceil<Milliseconds>(
        std::max(begin + limit - steady_clock::now(), steady_clock::duration::zero())));
    look_at_log();
  }
}

}  // namespace toolkit::output
