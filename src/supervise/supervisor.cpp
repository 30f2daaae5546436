#include "attempt.hpp"
#include "detach.hpp"
#include "failure_note.hpp"
#include "gpu_check.hpp"
#include "hook_runner.hpp"
#include "phases.hpp"
#include "readiness.hpp"
#include "restart.hpp"
#include "summary.hpp"
#include "syncing.hpp"

#include <toolkit/base/json_writer.hpp>
#include <toolkit/base/wall_clock.hpp>
#include <toolkit/process/reaper.hpp>
#include <toolkit/supervise/supervisor.hpp>

#include <fmt/core.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>

namespace toolkit::supervise {
namespace {

using std::chrono::steady_clock;

constexpr const char* kExecFailed = "exec_failed";

// A supervisor that stands in a directory keeps its file system from being unmounted. It goes where
// it needs none: no path of its own is relative, and nothing else will be started from here.
void leave_directory(const Options& options, const std::string& job_directory) {
  const RecordOptions& record = options.record;
  const bool starts_more = options.restart.policy.when != RestartWhen::never ||
                           !options.hooks.on_stop.empty() || !options.hooks.after.empty();
  const auto is_relative = [](const std::string& path) {
    return !path.empty() && path.front() != '/';
  };
  if (!starts_more && !is_relative(options.output.log) && !is_relative(options.stop.heartbeat) &&
      !is_relative(record.pid_file) && !is_relative(record.events) && !is_relative(job_directory) &&
      !is_relative(record.termination_log.value_or("")) &&
      !is_relative(record.failure_file.value_or(""))) {
    (void)::chdir("/");
  }
}

// One after the other: --check-gpu, --wait, --before, attempts with pauses between them, --after,
// the last words.
class Supervisor {
 public:
  Supervisor(const Options& options, Job job, Reporter reporter, process::SignalQueue signals,
             Detacher detacher, std::unique_ptr<waiting::Waiter> waiter,
             std::unique_ptr<Syncing> syncing)
      : options_(options),
        job_(std::move(job)),
        reporter_(std::move(reporter)),
        signals_(std::move(signals)),
        detacher_(std::move(detacher)),
        waiter_(std::move(waiter)),
        syncing_(std::move(syncing)),
        restarts_(options.restart) {
    voice_.set_accounting(job_.recorded || !options.output.log.empty());
  }

  Result<int> run() {
    auto ended = run_hooks_and_attempts();
    if (!ended) {
      record_failure(ended.error());
      detacher_.fail(ended.error());
      return Failure(std::move(ended).error());
    }
    return *ended;
  }

 private:
  Result<int> run_hooks_and_attempts() {
    TRY(prepare());
    if (syncing_) {
      sync_phase_ = begin_phase(reporter_, voice_, "sync", false);
      syncing_->start();
    }
    const SteadyTime deadline = options_.stop.timeout.count() > 0
                                    ? steady_clock::now() + options_.stop.timeout
                                    : SteadyTime::max();
    hand_down_deadline();
    for (int number = 1;; ++number) {
      TRY_ASSIGN(const AttemptResult result, run_attempt(number, deadline));
      const int code = mapped_exit(options_.restart, result.verdict.exit_code);
      const auto pause =
          result.stop_requested ? std::nullopt : restarts_.next(code, result.wall_seconds);
      if (!pause || !wait_for_restart(*pause, number)) {
        return end(result, code);
      }
    }
  }

  // What comes before the child, each part a phase of its own.
  Result<void> prepare() {
    // --with-env was over before there was a record, so both of its ends are told now.
    if (options_.process.derived_since) {
      Stage derived = begin_phase(reporter_, voice_, "with-env", false);
      derived.begin = *options_.process.derived_since;
      end_phase(reporter_, voice_, derived, 0);
    }
    if (options_.hooks.check_gpu) {
      TRY(phase("check-gpu", "check_gpu",
                [&] { return check_gpus(options_, job_.environment, signals_); }));
    }
    if (waiter_) {
      TRY(phase("wait", "not_ready",
                [&] { return await(*waiter_, signals_, options_.output.reopen_on_hangup); }));
      waiter_.reset();
    }
    if (!options_.hooks.before.empty()) {
      TRY(phase("before", kExecFailed, [&] { return run_before_hooks(); }));
    }
    reporter_.record().phase.clear();
    return {};
  }

  Result<void> phase(std::string_view option, const char* reason,
                     const std::function<Result<void>()>& work) {
    failure_reason_ = reason;
    const Stage begun = begin_phase(reporter_, voice_, option);
    auto done = work();
    end_phase(reporter_, voice_, begun, done ? 0 : exit_code_of(done.error()));
    if (done) {
      failure_reason_ = kExecFailed;
    }
    return done;
  }

  Result<void> run_before_hooks() {
    for (const std::string& command : options_.hooks.before) {
      TRY(run_hook("--before", command, job_, job_.environment, signals_, SteadyTime::max()));
    }
    return {};
  }

  static int exit_code_of(const Error& error) {
    return error.exit_code != 0 ? error.exit_code : 125;
  }

  // When --timeout falls is known beforehand, so the layers below may know it too.
  void hand_down_deadline() {
    if (options_.stop.timeout.count() > 0) {
      const auto wall = std::chrono::system_clock::now() + options_.stop.timeout;
      job_.environment.set(
          "TOOLKIT_DEADLINE",
          fmt::format("{:.3f}", std::chrono::duration<double>(wall.time_since_epoch()).count()));
    }
    if (job_.recorded) {
      job_.environment.set("TOOLKIT_JOB_DIR", reporter_.job_directory());
    }
  }

  Result<AttemptResult> run_attempt(int number, SteadyTime deadline) {
    detacher_.leave_streams();
    Attempt attempt(options_, job_, reporter_, voice_, signals_, number);
    TRY(attempt.start(deadline));
    detacher_.ready(fmt::format("{} {}", reporter_.record().name, reporter_.record().pid));
    leave_directory(options_, reporter_.job_directory());
    return attempt.run();
  }

  // False when a signal asked us to end meanwhile.
  bool wait_for_restart(Milliseconds pause, int number) {
    voice_.say(log::Level::warn, fmt::format("restarting {} in {} (attempt {})", job_.name,
                                             describe_duration(pause), number + 1));
    reporter_.event("restarting", [&](JsonWriter& json) {
      json.field("delay_seconds", static_cast<double>(pause.count()) / 1000);
    });
    return !stopped_while_waiting(signals_, steady_clock::now() + pause);
  }

  int end(const AttemptResult& result, int code) {
    job::Record& record = reporter_.record();
    run_after_hooks(result, code);
    record.state = job::State::exited;
    record.exit_code = code;
    record.deadline_unix.reset();
    record.ended_at = utc_text(std::chrono::system_clock::now());
    if (code != 0) {
      write_note(job_.termination_log, termination_message(record.message, result.stderr_tail));
      write_note(job_.failure_file, failure_reason(record.message, result.stderr_tail));
    }
    reporter_.save();
    reporter_.event("exited", [&](JsonWriter& json) {
      json.field("exit_code", code)
          .field("signal", result.status.signal())
          .field("reason", record.reason)
          .field("message", record.message);
    });
    if (syncing_) {
      const bool complete = syncing_->finish(flush_deadline(result), job_.grace, signals_);
      end_phase(reporter_, voice_, *sync_phase_, complete ? 0 : 1);
    }
    die_like(result);
    return code;
  }

  // What the child left of the grace is for the last bytes, two seconds at least: they say why it
  // died, and whoever kills us after our grace gives a little more.
  SteadyTime flush_deadline(const AttemptResult& result) const {
    const auto now = steady_clock::now();
    const SteadyTime end = result.stopped_at.value_or(now) + job_.grace;
    return std::max<SteadyTime>(end, now + std::chrono::seconds(2));
  }

  void run_after_hooks(const AttemptResult& result, int code) {
    if (options_.hooks.after.empty()) {
      return;
    }
    environment::Snapshot environment(job_.environment.as_envp());
    environment.set("TOOLKIT_EXIT_CODE", std::to_string(code));
    environment.set("TOOLKIT_SIGNAL", std::to_string(result.status.signal()));
    environment.set("TOOLKIT_REASON", result.verdict.reason);
    environment.set("TOOLKIT_CHILD_PID", std::to_string(reporter_.record().pid));
    for (const std::string& command : options_.hooks.after) {
      const auto done = run_hook("--after", command, job_, environment, signals_,
                                 steady_clock::now() + job_.grace);
      if (!done) {
        voice_.say(log::Level::warn, done.error().message);
      }
    }
  }

  // As timeout(1): the caller sees the same wait status that the child had. A core, if any, was the
  // child's.
  void die_like(const AttemptResult& result) const {
    const int number = result.status.signal();
    if (!options_.stop.die_like_child || number == 0 || ::getpid() == 1 ||
        result.verdict.reason.ends_with("timeout")) {
      return;
    }
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    process::restore_default_and_unblock(number);
    ::kill(::getpid(), number);
  }

  void record_failure(const Error& error) {
    reporter_.remove_pid_file();
    job::Record& record = reporter_.record();
    record.state = job::State::exited;
    record.reason = failure_reason_;
    record.message = error.message;
    record.exit_code = exit_code_of(error);
    record.ended_at = utc_text(std::chrono::system_clock::now());
    reporter_.save();
    reporter_.event("failed", [&](JsonWriter& json) {
      json.field("exit_code", *record.exit_code).field("message", error.message);
    });
    write_note(job_.termination_log, termination_message(error.message, ""));
    write_note(job_.failure_file, failure_reason(error.message, ""));
  }

  const Options& options_;
  Job job_;
  Reporter reporter_;
  process::SignalQueue signals_;
  Detacher detacher_;
  std::unique_ptr<waiting::Waiter> waiter_;
  std::unique_ptr<Syncing> syncing_;
  Voice voice_;
  RestartSchedule restarts_;
  std::optional<Stage> sync_phase_;
  const char* failure_reason_ = kExecFailed;  // of what is being tried: the record's word for it
};

// The parent may have died before we asked to be told: then the signal will never come.
void ask_for_parent_death(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
  if (::getppid() != parent) {
    ::kill(::getpid(), SIGTERM);
  }
}

}  // namespace

Result<int> run_job(const Options& options, char** environment) {
  process::fill_standard_descriptors();
  process::receive_statuses();
  const pid_t parent = ::getppid();
  TRY_ASSIGN(Job job, make_job(options, environment));
  job.parent = parent;
  TRY_ASSIGN(auto waiter, prepare_waiter(options));
  TRY_ASSIGN(auto syncing, Syncing::prepare(options));
  Detacher detacher;
  if (options.process.detach) {
    TRY_ASSIGN(const auto code, detacher.detach());
    if (code) {
      return *code;
    }
  }
  if (options.stop.die_with_parent && !options.process.detach) {
    ask_for_parent_death(parent);
  }
  if (::getpid() != 1 && !process::become_subreaper()) {
    log_warn("cannot become a subreaper: processes that leave the tree cannot be followed");
  }
  // The signals before the record, which would say `starting` for ever if they failed behind it.
  auto signals = process::SignalQueue::open();
  auto reporter = signals ? Reporter::open(options, job)
                          : Result<Reporter>(Failure(std::move(signals).error()));
  if (!reporter) {
    detacher.fail(reporter.error());
    return Failure(std::move(reporter).error());
  }
  return Supervisor(options, std::move(job), std::move(*reporter), std::move(*signals),
                    std::move(detacher), std::move(waiter), std::move(syncing))
      .run();
}

}  // namespace toolkit::supervise
