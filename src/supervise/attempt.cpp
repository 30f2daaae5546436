#include "attempt.hpp"

#include "summary.hpp"

#include <toolkit/base/json_writer.hpp>
#include <toolkit/base/wall_clock.hpp>
#include <toolkit/process/child.hpp>
#include <toolkit/process/tree.hpp>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

namespace toolkit::supervise {
namespace {

constexpr std::size_t kTailBytes = 16 << 10;  // enough for a traceback of some depth
constexpr Milliseconds kFlushLimit{5'000};    // for the last bytes at a slow disk or console

using std::chrono::steady_clock;

double seconds_between(SteadyTime from, SteadyTime to) {
  return std::chrono::duration<double>(to - from).count();
}
double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::optional<output::LogFileOptions> log_file_options(const OutputOptions& options,
                                                       std::string path) {
  if (path.empty()) {
    return std::nullopt;
  }
  output::LogFileOptions log;
  log.path = std::move(path);
  log.maximum_size = options.maximum_size;
  log.maximum_age = options.maximum_age;
  log.keep = options.keep;
  log.maximum_total = options.maximum_total;
  return log;
}

}  // namespace

Attempt::Attempt(const Options& options, const Job& job, Reporter& reporter, Voice& voice,
                 process::SignalQueue& signals, int number)
    : options_(options),
      job_(job),
      reporter_(reporter),
      voice_(voice),
      signals_(signals),
      number_(number),
      on_terminal_(!options.output.pty && on_controlling_terminal()),
      forwarder_(options.stop.signal_to, on_terminal_),
      stop_(job.grace, options.stop.drain, options.stop.leftover),
      watchdog_(options.stop.idle_timeout, options.stop.heartbeat, steady_clock::now()) {}

Attempt::~Attempt() { voice_.use(nullptr); }

// Without a reason to look at the output the child gets our own stdout and stderr, and we cost
// nothing.
Result<void> Attempt::open_output() {
  const OutputOptions& wanted = options_.output;
  const bool keep_tail = !job_.termination_log.empty() || !job_.failure_file.empty();
  if (wanted.log.empty() && wanted.console == output::ConsoleMode::raw && !wanted.pty &&
      !keep_tail && !wanted.merge && !watchdog_.enabled()) {
    return {};
  }
  output::TeeOptions options;
  options.console = wanted.console;
  TRY_ASSIGN(std::string path, log_path(options_, job_, number_));
  reporter_.record().log_path = path;
  options.log = log_file_options(wanted, std::move(path));
  options.stamp.format = wanted.format;
  TRY_ASSIGN(options.stamp.label, label_of(options_, job_));
  options.stamp.sub_second_digits = static_cast<int>(wanted.precision);
  options.stamp.utc = wanted.utc;
  options.stamp.detect_levels = !wanted.fixed_levels;
  options.stamp.fold_interval = wanted.fold_interval;
  options.merge = wanted.merge;
  options.stall_limit = wanted.stall_limit;
  options.tail_bytes = keep_tail || job_.recorded ? kTailBytes : 0;
  TRY_ASSIGN(tee_, output::Tee::open(std::move(options)));
  voice_.use(tee_.get());
  if (!wanted.pty) {
    return tee_->open_pipes();
  }
  TRY_ASSIGN(auto terminal, PseudoTerminal::open());
  terminal_.emplace(std::move(terminal));
  tee_->attach_terminal(terminal_->take_master());
  return {};
}

Result<void> Attempt::start(SteadyTime deadline) {
  TRY(open_output());
  process::ChildOptions child;
  child.argv = job_.argv;
  child.environment = job_.environment.as_envp();
  child.search_path = job_.search_path;
  child.own_group = !on_terminal_;
  child.directory = options_.process.directory;
  child.credentials = job_.credentials;
  child.signal_mask = process::inherited_mask();
  if (options_.process.umask) {
    child.umask = options_.process.umask->bits;
  }
  if (options_.stop.own_cgroup) {
    TRY_ASSIGN(auto made, OwnCgroup::make());
    own_cgroup_.emplace(std::move(made));
    child.cgroup_procs = own_cgroup_->procs_path();
  }
  if (terminal_) {
    child.own_session = true;
    child.stdin_fd = child.stdout_fd = child.stderr_fd = terminal_->child_end();
  } else if (tee_) {
    child.stdout_fd = tee_->child_end(output::Stream::out);
    child.stderr_fd = tee_->child_end(output::Stream::err);
  }
  if (tee_ || job_.recorded) {
    count_oom_kills();
  }
  const auto pid = process::spawn(child);
  if (!pid) {
    return Failure(
        Error{ErrorKind::failed, pid.error().message, pid.error().remedy, pid.error().exit_code});
  }
  child_ = *pid;
  forwarder_.set_main(child_);
  started_ = steady_clock::now();
  timeout_ = deadline;
  if (options_.stop.notice && deadline != SteadyTime::max()) {
    notice_ = deadline - options_.stop.notice->before;
  }
  started();
  return {};
}

// On a busy machine the child may live and die for memory before we get the CPU again, so where an
// account is kept this comes before it. Without one, 0.1 ms of every start would buy a word on
// stderr in that rare case: there it comes behind.
void Attempt::count_oom_kills() {
  if (own_cgroup_) {
    memory_ = cgroup::MemoryGroup::at(own_cgroup_->directory());
    oom_before_ = memory_.oom_counts();
  }
  if (!oom_before_) {
    memory_ = cgroup::MemoryGroup::guess();
    if (!memory_.visible()) {
      memory_ = cgroup::MemoryGroup::find();
    }
    oom_before_ = memory_.oom_counts();
  }
}

void Attempt::confirm_memory_group() {
  auto found = cgroup::MemoryGroup::find();
  if (!own_cgroup_ && found.directory() != memory_.directory()) {
    memory_ = std::move(found);
    oom_before_ = memory_.oom_counts();
  }
}

// All that need not come before the child: it runs on another core meanwhile.
void Attempt::started() {
  if (tee_) {
    tee_->close_child_ends();
  }
  confirm_memory_group();
  job::Record& record = reporter_.record();
  record.attempt = number_;
  record.state = job::State::running;
  record.pid = child_;
  record.pid_start_ticks = job_.recorded ? process::process_info(child_).start_ticks : 0;
  record.cgroup = memory_.directory();
  record.oom_kills_before = oom_before_ ? oom_before_->oom_kill : 0;
  reporter_.save();
  if (const auto written = reporter_.write_pid_file(child_); !written) {
    voice_.say(log::Level::warn, written.error().message);
  }
  reporter_.event("started",
                  [&](JsonWriter& json) { json.field("pid", static_cast<std::int64_t>(child_)); });
  if (voice_.gives_account()) {
    voice_.account(fmt::format("started {} as pid {}{}", job_.name, child_,
                               number_ > 1 ? fmt::format(", attempt {}", number_) : ""));
  }
}

AttemptResult Attempt::run() {
  while (stop_.phase() != Phase::over) {
    step();
  }
  return finish();
}

Facts Attempt::facts() const {
  return {.status = main_->status,
          .cause = cause_,
          .cause_signal = cause_signal_,
          .we_killed = killed_main_,
          .oom_before = oom_before_,
          .oom_after = oom_after_,
          .memory_limit = main_->status.signal() == SIGKILL ? memory_.limit_bytes() : std::nullopt};
}

AttemptResult Attempt::finish() {
  const auto now = steady_clock::now();
  const auto wall = std::chrono::system_clock::now();
  AttemptResult result;
  result.status = main_->status;
  result.verdict = judge(facts());
  result.wall_seconds = seconds_between(started_, ended_);
  result.stop_requested =
      cause_ != Cause::none && cause_ != Cause::idle_timeout;  // a hang is worth a restart
  result.stopped_at = stopped_at_;
  if (tee_) {
    tee_->drain(wall, now);
    result.stderr_tail = tee_->tail(
        options_.output.pty || options_.output.merge ? output::Stream::out : output::Stream::err);
    tee_->close(Milliseconds(0), wall);  // the sources: the summary comes behind all they held
    result.output = tee_->stats();
  }
  fill_record(result, *main_);
  reporter_.remove_pid_file();
  say_summary(result);
  if (tee_) {
    tee_->close(kFlushLimit, wall);
    result.output = tee_->stats();
    count_output(result.output);
    say_last_warnings();
  }
  return result;
}

// The log is closed, and our stderr takes lines as it did before there was a tee.
void Attempt::say_last_warnings() {
  const auto warnings = tee_->take_warnings();
  voice_.use(nullptr);
  for (const std::string& warning : warnings) {
    voice_.say(log::Level::warn, warning);
  }
}

void Attempt::say_summary(const AttemptResult& result) {
  const bool uneventful = result.verdict.exit_code == 0 && cause_ == Cause::none;
  if (uneventful && !voice_.gives_account()) {
    return;
  }
  const std::string words =
      summary(result.verdict, reporter_.record().usage, tee_ ? &result.output : nullptr);
  if (uneventful) {
    voice_.account(words);
  } else {
    voice_.say(result.verdict.exit_code == 0 ? log::Level::info : log::Level::error, words);
  }
}

void Attempt::fill_record(const AttemptResult& result, const process::Reaped& main) {
  job::Record& record = reporter_.record();
  record.signal = main.status.signal() != 0 ? std::optional(main.status.signal()) : std::nullopt;
  record.core_dumped = main.status.core_dumped();
  record.exit_code = result.verdict.exit_code;
  record.reason = result.verdict.reason;
  record.message = result.verdict.words;
  record.oom_killed = result.verdict.oom_killed;
  record.output_open = result.output.output_open;
  record.usage = {.wall_seconds = result.wall_seconds,
                  .user_seconds = seconds_of(main.usage.ru_utime),
                  .system_seconds = seconds_of(main.usage.ru_stime),
                  .peak_rss_bytes = static_cast<std::uint64_t>(main.usage.ru_maxrss) * 1024};
  count_output(result.output);
}

void Attempt::count_output(const output::TeeStats& output) {
  const auto counts = [](const output::StreamStats& stream) {
    return job::OutputCounts{stream.bytes, stream.lines, stream.console_dropped};
  };
  job::Record& record = reporter_.record();
  record.out = counts(output.out);
  record.err = counts(output.err);
  record.log_dropped_bytes = output.log.bytes_dropped;
}

}  // namespace toolkit::supervise
