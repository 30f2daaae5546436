#include "looking.hpp"

#include "abandonable.hpp"

#include <toolkit/base/error.hpp>
#include <toolkit/base/log.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

namespace toolkit::probe {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

// How often the pool is asked whether our look waits behind stuck ones.
constexpr Milliseconds kRelief{20};
// Between looks that events ask for: none after a pause, then twice as much each time, so that a
// log that is written 10,000 times a second costs 50 looks and not 10,000.
constexpr microseconds kFirstGap{250}, kLargestGap{20'000}, kPause{100'000};

class LookingProbe final : public Probe {
 public:
  LookingProbe(std::function<Look(SteadyTime)> look, std::shared_ptr<Events> events,
               Milliseconds pace)
      : look_(std::move(look)), events_(std::move(events)), pace_(pace) {}

  void begin(SteadyTime now, SteadyTime until) override {
    gap_ = now - began_ > kPause ? microseconds(0) : std::clamp(gap_ * 2, kFirstGap, kLargestGap);
    began_ = now;
    until_ = until;
    relief_ = now + kRelief;
    again_ = SteadyTime::max();
    stirred_ = false;
    busy_ = true;
    finding_.reset();
    (void)errand_.take();  // what came too late for its own attempt
    if (!errand_.under_way()) {
      start();
    }
  }

  void collect(std::vector<pollfd>& entries) const override {
    if (events_) {
      entries.push_back(events_->entry());
    }
    if (errand_.under_way()) {
      entries.push_back({errand_.fd(), POLLIN, 0});
    }
  }

  SteadyTime next_deadline() const override {
    if (busy_) {
      return std::min(until_, relief_);
    }
    return events_ && events_->stirred() ? std::min(again_, began_ + gap_) : again_;
  }

  void advance(std::span<const pollfd> entries, SteadyTime now) override {
    if (events_ && !entries.empty() && entries[0].revents != 0) {
      events_->hear();
    }
    if (busy_) {
      advance_attempt(now);
      return;
    }
    // A look that was stuck has come back, time for another has come, or an event came.
    stirred_ = stirred_ || errand_.take() || now >= again_ ||
               (events_ && events_->stirred() && now >= began_ + gap_);
  }

  std::optional<Finding> take() override { return std::exchange(finding_, std::nullopt); }

  bool stirred() const override { return stirred_; }

  Milliseconds pace() const override { return pace_; }

 private:
  void start() {
    if (events_) {
      events_->calm();
    }
    const bool first = std::exchange(first_, false);
    const bool started = errand_.start([look = look_, events = events_, until = until_, first] {
      if (events && first) {
        Look now = look(until);
        if (now.finding.met || now.finding.final) {
          return now;
        }
      }
      if (events) {
        events->aim();
      }
      return look(until);
    });
    if (!started) {
      end({.reason = Reason::unknown,
           .words = "no thread or descriptor is left to look with",
           .exit_code = {}});
    }
  }

  void advance_attempt(SteadyTime now) {
    if (auto answer = errand_.take()) {
      again_ = answer->again ? now + *answer->again : SteadyTime::max();
      end(std::move(answer->finding));
    } else if (now >= until_) {
      end({.reason = Reason::timed_out,
           .words = fmt::format(
               "the file system has not answered for {}",
               describe_duration(std::chrono::duration_cast<Milliseconds>(now - began_))),
           .exit_code = {}});
    } else if (now >= relief_) {
      relieve_stuck_threads();
      relief_ = now + kRelief;
    }
  }

  void end(Finding finding) {
    busy_ = false;
    finding_ = std::move(finding);
    if (const int error = events_ ? events_->take_trouble() : 0; error != 0) {
      log_debug("no inotify, looking by the clock only: {}", errno_words(error));
    }
  }

  std::function<Look(SteadyTime)> look_;
  std::shared_ptr<Events> events_;
  Milliseconds pace_;
  Errand<Look> errand_;
  SteadyTime began_, until_, relief_, again_ = SteadyTime::max();
  microseconds gap_{0};
  bool busy_ = false;
  // Nothing is watched before the first look, which may be the last: who has watched anything ends
  // 8 to 20 ms later, since the kernel waits for the readers of its marks (fs/notify/mark.c,
  // synchronize_srcu).
  bool first_ = true;
  bool stirred_ = false;
  std::optional<Finding> finding_;
};

}  // namespace

std::unique_ptr<Probe> make_looking_probe(std::function<Look(SteadyTime until)> look,
                                          std::shared_ptr<Events> events, Milliseconds pace) {
  return std::make_unique<LookingProbe>(std::move(look), std::move(events), pace);
}

Finding errno_finding(int number) {
  const bool absent = number == ENOENT || number == ENOTDIR;
  return {.reason = absent ? Reason::absent : Reason::unknown,
          .words = number == ENOENT ? "does not exist" : errno_words(number),
          .exit_code = {}};
}

}  // namespace toolkit::probe
