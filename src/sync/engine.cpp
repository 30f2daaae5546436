#include "alarm.hpp"
#include "follow.hpp"
#include "grace.hpp"
#include "ownership.hpp"
#include "rule_reader.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/log.hpp>
#include <toolkit/base/unique_fd.hpp>
#include <toolkit/sync/engine.hpp>

#include <fcntl.h>
#include <fmt/core.h>

namespace toolkit::sync {
namespace {

using Clock = std::chrono::steady_clock;

// While no thread shares the table of descriptors it grows for nothing; later the kernel waits for
// a grace period of RCU at each doubling, some 10 ms, and every stream that opens a file waits too.
void make_room_for_descriptors(int any) {
  constexpr int kHeld = 1'000;  // by all streams; where the limit is lower it is left as it is
  (void)UniqueFd(::fcntl(any, F_DUPFD_CLOEXEC, kHeld));
}

class RealEngine : public Engine {
 public:
  explicit RealEngine(std::unique_ptr<Session> session) : session_(std::move(session)) {}

  Result<void> pass(bool last, std::optional<SteadyTime> deadline) override {
    bool is_late = false;
    Result<void> result;
    {
      const Alarm alarm(deadline, [&] {
        is_late = true;
        session_->halt.abandon();
      });
      result = owned_pass({.last = last, .seen = nullptr, .events = nullptr});
    }
    return end(std::move(result), is_late ? "the time was over before all was sent" : "");
  }

  Result<void> follow() override {
    bool is_late = false;
    std::optional<SteadyTime> end;
    if (session_->options.timeout.count() > 0) {
      end = began_ + session_->options.timeout;
    }
    Result<void> result;
    {
      const Alarm timeout(end, [&] {
        is_late = !session_->halt.stopping();
        session_->out_of_time = is_late;
        session_->halt.stop();
      });
      const Grace grace(session_->halt, session_->options.follow.grace);
      result = sync::follow(*session_,
                            [this](const PassOptions& options) { return owned_pass(options); });
    }
    return this->end(std::move(result), is_late ? "--timeout has passed" : "");
  }

  void stop(std::optional<SteadyTime> deadline) override {
    if (deadline) {
      const std::lock_guard lock(mutex_);
      if (!last_moment_ || *deadline < *last_moment_) {
        last_moment_ = deadline;
        const auto left = std::chrono::floor<Milliseconds>(*deadline - Clock::now());
        limit_ = std::make_unique<Alarm>(Clock::now() + before_goodbye(left),
                                         [this] { session_->halt.abandon(); });
      }
    }
    session_->halt.stop();
  }
  void abandon() override { session_->halt.abandon(); }

  [[nodiscard]] Summary summary() const override {
    Summary summary = session_->tally.summary();
    summary.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
    return summary;
  }
  [[nodiscard]] Progress progress() const override { return session_->tally.progress(); }

 private:
  // The claim goes whatever has happened. Of what went wrong that weighs most which makes the rest
  // doubtful: another owner, then the end of the time.
  Result<void> end(Result<void> result, const char* late) {
    TRY(ownership_.give_back(*session_));
    if (*late != 0) {
      return fail(ErrorKind::timed_out, late, "the next run goes on from there");
    }
    return result;
  }

  Result<void> owned_pass(const PassOptions& options) {
    TRY(ownership_.take(*session_));
    return one_pass(options);
  }

  Result<void> one_pass(const PassOptions& options) {
    const auto began = Clock::now();
    Result<void> result = looks(options);
    session_->ledger.flush();
    if (result && session_->tally.summary().failed == 0) {
      complete_ = began;
      session_->tally.lag(0);
    } else {
      session_->tally.lag(std::chrono::duration<double>(Clock::now() - complete_).count());
    }
    write_status(result);
    return result;
  }

  // What was renamed between the listing and the reading is found by another look, under its new
  // name; whatever else there may be.
  Result<void> looks(const PassOptions& options) {
    constexpr int kLooks = 3;
    for (int number = 1;; ++number) {
      session_->moved = 0;
      session_->take_moved = number == kLooks || session_->options.transfer.dry_run;
      session_->tally.begin_pass();
      if (auto room = check_space(); !room) {
        if (room.error().kind == ErrorKind::unavailable) {
          return room;
        }
        session_->tally.problem("", room.error());  // there may be room at the next look
        return {};
      }
      TRY(run_pass(*session_, options));
      if (session_->moved == 0 || number == kLooks || session_->halt.ending()) {
        return {};
      }
    }
  }

  Result<void> check_space() {
    const std::uint64_t wanted = session_->options.transfer.minimum_free;
    if (wanted == 0) {
      return {};
    }
    TRY_ASSIGN(const auto free, session_->places.destination->free_space());
    if (free && *free < wanted) {
      return fail(ErrorKind::failed,
                  fmt::format("only {} bytes are free at {}, and --min-free wants {}", *free,
                              session_->options.destination.text, wanted),
                  "make room, or lower --min-free");
    }
    return {};
  }

  void write_status(const Result<void>& result) {
    const std::string& path = session_->options.follow.status_file;
    if (path.empty()) {
      return;
    }
    const Summary now = summary();
    const std::string text =
        status_json(now, result ? "" : result.error().message, std::chrono::system_clock::now());
    if (const auto written = replace_file(path, text + '\n'); !written) {
      log_warn("{}", written.error().message);
    }
  }

  std::unique_ptr<Session> session_;
  Ownership ownership_;
  std::mutex mutex_;
  std::optional<SteadyTime> last_moment_;  // of stop()
  std::unique_ptr<Alarm> limit_;
  Clock::time_point began_ = Clock::now();
  Clock::time_point complete_ = began_;
};

}  // namespace

Result<std::unique_ptr<Engine>> Engine::make(Options options, Observer& observer) {
  auto session = std::make_unique<Session>(std::move(options), observer);
  if (!session->halt) {
    return fail(ErrorKind::failed, "cannot make an event descriptor: too many open files");
  }
  make_room_for_descriptors(session->halt.abandon_fd());
  Options& what = session->options;
  what.store.stop_fd = session->halt.abandon_fd();
  RuleFiles files(nullptr, what.store.get_env);
  session->growing = GrowingNames(what.selection.growing, what.selection.whole);
  session->throttle = std::make_unique<Throttle>(what.transfer.bandwidth, session->halt);
  TRY_ASSIGN(session->places,
             open_places(what.sources, what.destination, what.store, what.follow.follow));
  TRY_ASSIGN(auto filter, selection::Filter::make(what.selection.rules, files,
                                                  session->places.sources.front().root));
  session->filter = std::make_unique<const selection::Filter>(std::move(filter));
  session->ledger.open(what.journal_directory, what.sources, what.destination,
                       what.transfer.dry_run);
  return std::make_unique<RealEngine>(std::move(session));
}

Result<selection::Explanation> explain(const Options& options, const std::string& path) {
  TRY_ASSIGN(const Source source, open_source(options.sources.front(), options.store));
  RuleFiles files(source.store.get(), options.store.get_env);
  TRY_ASSIGN(const auto filter,
             selection::Filter::make(options.selection.rules, files, source.root));
  return selection::explain(*source.store, filter, files, walk_options(source, options.selection),
                            path);
}

}  // namespace toolkit::sync
