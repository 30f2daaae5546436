#include "sync_conductor.hpp"

#include "sync_report.hpp"

#include <toolkit/base/log.hpp>
#include <toolkit/waiting/stop.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <thread>

namespace toolkit::commands {
namespace {

using Clock = std::chrono::steady_clock;

// On a terminal the line is rewritten in place; in a log it comes again every few seconds.
class ProgressLine {
 public:
  ProgressLine(const sync::Engine& engine, bool wanted)
      : engine_(engine), wanted_(wanted), on_terminal_(::isatty(STDERR_FILENO) == 1) {}

  [[nodiscard]] int pause() const { return !wanted_ ? -1 : on_terminal_ ? 200 : 5'000; }
  void show() {
    if (!wanted_) {
      return;
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
    const std::string words = progress_words(engine_.progress(), seconds);
    if (on_terminal_) {
      log::write_raw(fmt::format("\r\033[K{}", words));
      drawn_ = true;
    } else {
      log_info("{}", words);
    }
  }
  void clear() {
    if (drawn_) {
      log::write_raw("\r\033[K");
    }
  }

 private:
  const sync::Engine& engine_;
  bool wanted_, on_terminal_;
  bool drawn_ = false;
  Clock::time_point began_ = Clock::now();
};

// The engine on a thread of its own, the signals here.
class Conductor {
 public:
  Conductor(sync::Engine& engine, const SyncOptions& options, process::SignalQueue& signals)
      : engine_(engine),
        options_(options),
        signals_(signals),
        done_(::eventfd(0, EFD_CLOEXEC)),
        line_(engine, options.progress && !options.json) {}

  Result<void> run(int& signal) {
    Result<void> result;
    std::thread thread;
    try {
      thread = std::thread([&] {
        result = work();
        (void)::eventfd_write(done_.get(), 1);
      });
    } catch (const std::system_error& error) {
      return no_thread(error);
    }
    if (const auto end = deadline()) {
      give_up_at(*end + (options_.follow ? options_.grace : Milliseconds(0)), 124);
    }
    pollfd entries[] = {{done_.get(), POLLIN, 0}, {signals_.fd(), POLLIN, 0}};
    while (true) {
      const int count = ::poll(entries, 2, next_pause());
      if (entries[0].revents != 0) {
        break;
      }
      if (count > 0 && entries[1].revents != 0) {
        hear(signal);
      } else if (count == 0) {
        line_.show();
      }
      if (last_moment_ && Clock::now() >= *last_moment_) {
        give_up(signal);
      }
    }
    thread.join();
    line_.clear();
    return result;
  }

 private:
  Result<void> work() {
    try {
      return options_.follow ? engine_.follow() : engine_.pass(false, deadline());
    } catch (const std::system_error& error) {
      return no_thread(error);
    }
  }

  static Failure no_thread(const std::system_error& error) {
    return fail(ErrorKind::unavailable,
                fmt::format("cannot start a thread: {}", error.code().message()),
                "the limit of processes is reached: see ulimit -u, and pids.max of the container");
  }

  std::optional<SteadyTime> deadline() const {
    if (options_.timeout.count() == 0) {
      return std::nullopt;
    }
    return Clock::now() + options_.timeout;
  }

  int next_pause() const {
    int pause = line_.pause();
    if (last_moment_) {
      const auto left = std::chrono::ceil<Milliseconds>(*last_moment_ - Clock::now()).count();
      const int most = static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
      pause = pause < 0 ? most : std::min(pause, most);
    }
    return pause;
  }

  void hear(int& signal) {
    const int number = waiting::stopping_signal(signals_);
    if (number == 0) {
      return;
    }
    if (options_.follow && signal == 0) {
      log_info("{}: one last look, for at most {}", process::signal_name(number),
               describe_duration(options_.grace));
      engine_.stop();
    } else if (!options_.follow || number == SIGINT) {
      engine_.abandon();
    }
    if (signal == 0) {
      signal = number;
      give_up_at(Clock::now() + (options_.follow ? options_.grace : Milliseconds(0)), 1);
    }
  }

  // A second for the goodbye, and one for a thread that is slow to hear of it.
  void give_up_at(Clock::time_point end, int code) {
    const auto moment = end + Milliseconds(2'000);
    if (!last_moment_ || moment < *last_moment_) {
      last_moment_ = moment;
      code_ = code;
    }
  }

  // A thread hangs in a dead mount. What it has not sent is not there; say so and go.
  [[noreturn]] void give_up(int signal) {
    log_error("the time is over, and a transfer hangs in a system call; the next run goes on");
    ::_exit(signal != 0 && !options_.follow ? waiting::end_by(signal) : code_);
  }

  sync::Engine& engine_;
  const SyncOptions& options_;
  process::SignalQueue& signals_;
  UniqueFd done_;
  ProgressLine line_;
  std::optional<Clock::time_point> last_moment_;
  int code_ = 1;  // to end with then
};

}  // namespace

Result<void> conduct(sync::Engine& engine, const SyncOptions& options,
                     process::SignalQueue& signals, int& signal) {
  return Conductor(engine, options, signals).run(signal);
}

}  // namespace toolkit::commands
