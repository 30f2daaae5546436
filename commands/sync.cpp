#include "sync.hpp"

#include "sync_report.hpp"

#include <toolkit/base/log.hpp>
#include <toolkit/job/store.hpp>
#include <toolkit/process/child.hpp>
#include <toolkit/process/signals.hpp>
#include <toolkit/waiting/stop.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <thread>

namespace toolkit::commands {
namespace {

using cli::Example;
using cli::ExitCode;
using Clock = std::chrono::steady_clock;

constexpr Example kExamples[] = {
    {"toolkit sync -m --include '*/' --include '*.log' --exclude '*' run/ /logs/",
     "Copy the logs of a run to a mount, as they are now"},
    {"toolkit sync --follow --until job:train run/ s3://bucket/run-42/",
     "Upload while the job goes on, and everything when it is over"},
    {"toolkit sync -P --identity key run/ user@host:/backup/run/",
     "To an SSH host, as rsync would be asked"},
    {"toolkit sync user@host:/data/ /data/", "Fetch data before training, going on where it ended"},
};

constexpr ExitCode kExitCodes[] = {
    {"0", "All of it is there, also when a signal ended --follow and the last flush was complete"},
    {"1", "Some files could not be sent, each is named; or the last flush was incomplete"},
    {"2", "Bad usage"},
    {"75", "The destination could not be reached after all tries"},
    {"124", "--timeout has passed"},
    {"128+N", "Signal N ended it; the next run goes on from there"},
};

sync::Options engine_options(const SyncOptions& options) {
  sync::Options engine;
  engine.selection = {.rules = options.rules,
                      .links = options.links,
                      .limits = {},
                      .prune_empty_directories = options.prune_empty_directories,
                      .growing = options.growing,
                      .whole = options.whole};
  if (options.cvs_exclude) {  // wherever it was written: rsync(1), --cvs-exclude
    for (const char* const rule : {":C", "-C"}) {
      engine.selection.rules.push_back({selection::RuleText::Form::filter, rule});
    }
  }
  if (options.maximum_size) {
    engine.selection.limits.maximum_size = options.maximum_size->bytes;
  }
  if (options.minimum_size) {
    engine.selection.limits.minimum_size = options.minimum_size->bytes;
  }
  if (options.newer) {
    engine.selection.limits.newer = options.newer->nanoseconds;
  }
  engine.transfer = {.all_growing = options.append,
                     .checksum = options.checksum,
                     .on_rewrite = options.on_rewrite,
                     .jobs = std::nullopt,
                     .bandwidth = options.bandwidth.bytes,
                     .retries = options.retries,
                     .retry_delay = options.retry_delay,
                     .minimum_free = options.minimum_free.bytes,
                     .dry_run = options.dry_run};
  if (options.jobs) {
    engine.transfer.jobs = static_cast<std::size_t>(*options.jobs);
  }
  engine.follow = {.follow = options.follow,
                   .interval = options.interval,
                   .maximum_lag = options.maximum_lag,
                   .until = options.until,
                   .grace = options.grace,
                   .status_file = options.status_file};
  engine.store = {.ssh = {.command = options.rsh,
                          .identity = options.identity,
                          .accept_new_host_key = options.accept_new_host_key},
                  .s3 = {.endpoint = options.endpoint,
                         .profile = options.profile,
                         .region = options.region,
                         .ca_file = options.ca_file},
                  .silence = options.silence,
                  .stop_fd = -1,
                  .get_env = [](const char* name) -> const char* { return ::getenv(name); }};
  engine.timeout = options.timeout;
  engine.state_directory = options.state_directory;
  return engine;
}

// Without a place for the journal every start proves anew what lies at the destination.
std::string journal_directory(const SyncOptions& options) {
  if (!options.state_directory.empty()) {
    return options.state_directory + "/sync";
  }
  const auto get_env = [](const char* name) -> const char* { return ::getenv(name); };
  if (options.dry_run) {  // which makes none
    for (const std::string& place : job::state_directories(get_env)) {
      if (::access((place + "/sync").c_str(), X_OK) == 0) {
        return place + "/sync";
      }
    }
    return "";
  }
  const auto directory = job::state_directory(get_env);
  if (!directory) {
    log_debug("no journal: {}", directory.error().message);
    return "";
  }
  return *directory + "/sync";
}

Result<void> read_places(std::span<const std::string> operands, sync::Options& engine) {
  if (operands.size() < 2) {
    return fail(ErrorKind::usage, "SRC and DEST are needed",
                "toolkit sync run/ /mnt/logs/, or s3://BUCKET/PREFIX, or HOST:PATH");
  }
  for (const std::string& text : operands.first(operands.size() - 1)) {
    TRY_ASSIGN(auto location, store::parse_location(text));
    engine.sources.push_back(std::move(location));
  }
  TRY_ASSIGN(engine.destination, store::parse_location(operands.back()));
  return {};
}

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

  /// The engine's result; `signal` is the one that ended it.
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

Result<int> finish(const sync::Engine& engine, const SyncOptions& options,
                   const Result<void>& result) {
  const sync::Summary summary = engine.summary();
  const int code = !result ? exit_code_for(result.error()) : sync::exit_code_of(summary);
  if (options.json) {
    TRY(print(summary_json(summary, code)));
  } else if (options.stats) {
    TRY(print(stats_words(summary)));
  } else if (log::enabled(log::Level::info)) {
    TRY(print(brief_words(summary, options.dry_run)));
  }
  TRY(result);
  return code;
}

// Which rule or limit decides about a path below SRC, and about it or a directory above it.
Result<int> explain_selection(const SyncOptions& options, std::span<const std::string> operands) {
  if (operands.empty()) {
    return fail(ErrorKind::usage, "--explain needs SRC", "toolkit sync --explain a/b.log SRC");
  }
  sync::Options engine_part = engine_options(options);
  TRY_ASSIGN(auto source, store::parse_location(operands.front()));
  engine_part.sources.push_back(std::move(source));
  TRY_ASSIGN(const auto answer, sync::explain(engine_part, options.explain));
  const bool is_above = answer.key != options.explain;
  TRY(print(fmt::format("{} {}: {}{}", answer.included ? "sent" : "left out", options.explain,
                        is_above ? answer.key + ": " : "", answer.why)));
  return answer.included ? 0 : 1;
}

Result<int> execute(void* options, std::span<const std::string> operands) {
  return execute_sync(*static_cast<SyncOptions*>(options), operands);
}

}  // namespace

cli::Command sync_command() {
  return {.name = "sync",
          .group = "Commands",
          .summary = "Bring growing files to a safe place",
          .usage = "[options] SRC… DEST",
          .description =
              "Copies what a run writes to a directory, an SSH host or an S3 bucket. Of files that "
              "grow only the tail is sent, after a proof that what lies there is their beginning; "
              "after any interruption the next run goes on from there.",
          .operands = cli::Operands::list,
          .options = sync_options(),
          .examples = kExamples,
          .exit_codes = kExitCodes,
          .make_options = []() -> std::shared_ptr<void> { return std::make_shared<SyncOptions>(); },
          .execute = execute};
}

Result<int> execute_sync(const SyncOptions& given, std::span<const std::string> operands) {
  SyncOptions options = given;
  options.follow = options.follow && !options.dry_run;  // what would be done now
  if (!options.explain.empty()) {
    return explain_selection(options, operands);
  }
  sync::Options engine_part = engine_options(options);
  TRY(read_places(operands, engine_part));
  engine_part.journal_directory = journal_directory(options);
  process::fill_standard_descriptors();
  TRY_ASSIGN(auto signals, process::SignalQueue::open());
  SyncReporter reporter(
      {.json = options.json, .dry_run = options.dry_run, .following = options.follow});
  TRY_ASSIGN(const auto engine, sync::Engine::make(std::move(engine_part), reporter));
  int signal = 0;
  const Result<void> result = Conductor(*engine, options, signals).run(signal);
  if (signal != 0 && !options.follow) {
    return waiting::end_by(signal);
  }
  return finish(*engine, options, result);
}

}  // namespace toolkit::commands
