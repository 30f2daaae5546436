#include "follow.hpp"

#include "retry.hpp"
#include "until.hpp"

#include <toolkit/base/log.hpp>

#include <fmt/ranges.h>
#include <poll.h>

#include <algorithm>
#include <optional>

namespace toolkit::sync {
namespace {

using Clock = std::chrono::steady_clock;

// Every now and then nothing is taken for granted, whatever was seen before (mc#2105).
constexpr std::chrono::minutes kLookAgain{10};

class Follower {
 public:
  Follower(Session& session, const std::function<Result<void>(const PassOptions&)>& pass)
      : session_(session), pass_(pass) {}

  Result<void> run() {
    TRY_ASSIGN(const auto until, Until::start(session_.options.follow.until,
                                              session_.options.state_directory, session_.halt));
    Clock::time_point looked = Clock::now();
    int failures = 0;
    std::optional<Error> away;  // why the place could not be reached the last time
    while (!session_.halt.stopping()) {
      events_.drain();  // before the pass: what comes while it runs wakes us for the next
      const auto passed = pass_({.seen = &seen_, .events = &events_});
      TRY(check(passed));
      const bool complete = passed && session_.tally.summary().failed == 0;
      failures = complete ? 0 : std::min(failures + 1, 16);
      if (passed || passed.error().kind == ErrorKind::unavailable) {
        away = passed ? std::nullopt : std::optional(passed.error());
      }
      if (Clock::now() - looked > kLookAgain || !passed) {
        seen_.forget_all();
        looked = Clock::now();
      }
      // New directories were read before they were watched.
      if (!events_.take_new() || !complete) {
        sleep(failures);
      }
    }
    session_.halt.begin_last();
    if (until && !session_.out_of_time) {
      linger(*until);
    }
    return flush(away);
  }

 private:
  // Who stops a job often stops us at the same moment, and it has yet to say its last words: what
  // we wait for may still come in the grace, of which a part is kept for the last look.
  void linger(const Until& until) {
    const FollowOptions& options = session_.options.follow;
    const auto end = Clock::now() + options.grace / 5 * 4;
    while (!until.is_over() && !session_.halt.abandoned()) {
      events_.drain();
      (void)pass_({.last = true, .seen = &seen_, .events = &events_});  // the last look tells
      if (Clock::now() >= end) {
        log_warn("{} has not come; what is written from now on is not sent",
                 fmt::join(options.until, ", "));
        return;
      }
      const auto next = std::min(end, Clock::now() + options.interval);
      if (wait_for_event(next, until.fd())) {
        (void)session_.halt.pause(std::min(options.maximum_lag, options.interval));
      }
    }
  }

  // Of a place that was away before and did not answer in the time that was left, that is the
  // reason and not the time.
  Result<void> flush(const std::optional<Error>& away) {
    const auto began = Clock::now();
    const std::uint64_t sent = session_.tally.summary().bytes_sent;
    auto passed = pass_({.last = true, .seen = &seen_, .events = nullptr});
    if (passed && session_.tally.summary().failed == 0) {
      return passed;
    }
    if (session_.halt.abandoned() && away) {
      return Failure(*away);
    }
    const bool had_time = Clock::now() - began >= std::chrono::milliseconds(500);
    if (session_.halt.abandoned() && had_time && session_.tally.summary().bytes_sent == sent) {
      return fail(ErrorKind::unavailable,
                  fmt::format("{} did not answer in the time that was left",
                              session_.places.destination->name_of("")),
                  "the next run goes on from there");
    }
    if (!passed && passed.error().kind == ErrorKind::interrupted) {
      return fail(ErrorKind::failed, "the time was over before all was sent",
                  "the next run goes on from there; --grace gives the last flush more time");
    }
    return passed;
  }

  // A place that is away may come back, and room on one that is full; one that is somebody else's,
  // or that we may not write to, stays what it is.
  static Result<void> check(const Result<void>& passed) {
    if (passed || passed.error().kind == ErrorKind::interrupted) {
      return {};
    }
    if (passed.error().kind != ErrorKind::unavailable && passed.error().kind != ErrorKind::failed) {
      return passed;
    }
    log_warn("{}; it will be tried again", passed.error().message);
    return {};
  }

  // Until something changes, then a little more so that many changes are one pass; at the latest
  // until the interval is over, or the pause after failures.
  void sleep(int failures) {
    const FollowOptions& options = session_.options.follow;
    if (failures > 0) {
      (void)session_.halt.pause(
          std::min(pause_limit(session_.options.transfer.retry_delay, failures), options.interval));
      return;
    }
    const auto end = Clock::now() + options.interval;
    if (wait_for_event(end, session_.halt.stop_fd())) {
      (void)session_.halt.pause(std::min(options.maximum_lag, options.interval));
    }
  }

  // False at the end, and as soon as `stop_fd` is readable.
  bool wait_for_event(Clock::time_point end, int stop_fd) {
    while (!session_.halt.abandoned()) {
      const auto left = std::chrono::ceil<Milliseconds>(end - Clock::now()).count();
      if (left <= 0) {
        return false;
      }
      pollfd entries[] = {
          {stop_fd, POLLIN, 0}, {session_.halt.abandon_fd(), POLLIN, 0}, {events_.fd(), POLLIN, 0}};
      if (::poll(entries, 3, static_cast<int>(std::min<std::int64_t>(left, 60'000))) > 0) {
        return entries[0].revents == 0 && entries[1].revents == 0;
      }
    }
    return false;
  }

  Session& session_;
  const std::function<Result<void>(const PassOptions&)>& pass_;
  Seen seen_;
  TreeEvents events_;
};

}  // namespace

Result<void> follow(Session& session, const std::function<Result<void>(const PassOptions&)>& pass) {
  return Follower(session, pass).run();
}

}  // namespace toolkit::sync
