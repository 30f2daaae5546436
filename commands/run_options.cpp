// The options of `run`, each declared once. Values that need more than a type are read in
// run_values.cpp.
#include "run.hpp"
#include "run_values.hpp"

namespace toolkit::commands {
namespace {

using cli::Option;
using cli::ValueKind;
using O = RunOptions;

// `at<&O::stop, &StopOptions::grace>`: the assign function of a member of a member.
template <auto Group, auto Member>
Result<void> at(void* options, std::string_view value) {
  using cli::read_value;
  return read_value(value, (static_cast<O*>(options)->*Group).*Member);
}

using supervise::HookOptions;
using supervise::OutputOptions;
using supervise::ProcessOptions;
using supervise::RecordOptions;
using supervise::RestartOptions;
using supervise::StopOptions;

constexpr const char* kStopping = "Stopping";
constexpr const char* kOutput = "Output";
constexpr const char* kRecords = "Records";
constexpr const char* kProcess = "Process";
constexpr const char* kHooks = "Hooks and restarts";

constexpr Option kOptions[] = {
    {"--grace", ValueKind::duration, "DURATION", kStopping,
     "Time between the stop signal and SIGKILL to the whole tree", "25s",
     at<&O::stop, &StopOptions::grace>},
    {"--stop-signal", ValueKind::signal, "SIGNAL", kStopping,
     "Signal that asks the child to stop; by default the one that asked us", "",
     at<&O::stop, &StopOptions::stop_signal>},
    {"--signal-to", ValueKind::choice, "WHOM", kStopping, "Who receives forwarded signals", "group",
     at<&O::stop, &StopOptions::signal_to>, false, "group,process,tree"},
    {"--rewrite", ValueKind::signal, "FROM=TO", kStopping,
     "Forward signal FROM as TO, names or numbers, TO 0 swallows it", "",
     at<&O::stop, &StopOptions::rewrite>, true},
    {"--timeout", ValueKind::duration, "DURATION", kStopping,
     "Stop the child after this long and exit with 124, 0 for never", "0s",
     at<&O::stop, &StopOptions::timeout>},
    {"--notify", ValueKind::signal, "SIGNAL@DURATION", kStopping,
     "Send SIGNAL this long before --timeout stops the child", "",
     at<&O::stop, &StopOptions::notice>},
    {"--idle-timeout", ValueKind::duration, "DURATION", kStopping,
     "Stop with 124 after this long with neither output nor CPU use, 0 for never", "0s",
     at<&O::stop, &StopOptions::idle_timeout>},
    {"--idle-signal", ValueKind::signal, "SIGNAL", kStopping,
     "Signal sent to the idle child first, to make it print its stacks", "",
     at<&O::stop, &StopOptions::idle_signal>},
    {"--heartbeat", ValueKind::file, "FILE", kStopping,
     "A newer modification time of FILE counts as activity", "",
     at<&O::stop, &StopOptions::heartbeat>},
    {"--drain", ValueKind::duration, "DURATION", kStopping,
     "Time for processes that outlive the child, and for pipes that they hold", "2s",
     at<&O::stop, &StopOptions::drain>},
    {"--leftover", ValueKind::choice, "ACTION", kStopping,
     "After the drain time: kill what is left, stop it with the grace, or leave it", "kill",
     at<&O::stop, &StopOptions::leftover>, false, "kill,stop,leave"},
    {"--die-with-parent", ValueKind::flag, "", kStopping,
     "Stop the child when the process that started us dies", "",
     at<&O::stop, &StopOptions::die_with_parent>},
    {"--die-like-child", ValueKind::flag, "", kStopping,
     "End by the child's own signal instead of 128+N, where we are not PID 1", "",
     at<&O::stop, &StopOptions::die_like_child>},
    {"--own-cgroup", ValueKind::flag, "", kStopping,
     "Put the child into a cgroup v2 of its own, to kill and judge it as one", "",
     at<&O::stop, &StopOptions::own_cgroup>},

    {"--log", ValueKind::file, "FILE", kOutput,
     "Log every line of the child into FILE, which may hold {name} {rank} {host} …", "",
     at<&O::output, &OutputOptions::log>},
    {"--log-format", ValueKind::choice, "FORMAT", kOutput,
     "Form of the log: text, json, raw bytes, or cri, which is reversible", "text",
     at<&O::output, &OutputOptions::format>, false, "text,json,raw,cri"},
    {"--console", ValueKind::choice, "MODE", kOutput, "How the child's output reaches our own",
     "raw", at<&O::output, &OutputOptions::console>, false, "raw,prefixed,none"},
    {"--prefix", ValueKind::text, "TEXT", kOutput,
     "Word before the colon in stamped lines, may hold {name} {rank} …", "{name}{-rank}",
     at<&O::output, &OutputOptions::prefix>},
    {"--timestamps", ValueKind::choice, "PRECISION", kOutput, "Precision of the stamps", "s",
     at<&O::output, &OutputOptions::precision>, false, "s,ms,us,ns"},
    {"--utc", ValueKind::flag, "", kOutput, "Stamp in UTC instead of local time", "",
     at<&O::output, &OutputOptions::utc>},
    {"--no-levels", ValueKind::flag, "", kOutput,
     "Take levels from the stream alone, not from what the line says", "",
     at<&O::output, &OutputOptions::fixed_levels>},
    {"--fold", ValueKind::duration, "DURATION", kOutput,
     "Log a progress bar's state at most this often, 0 for its end only", "1s",
     at<&O::output, &OutputOptions::fold_interval>},
    {"--merge", ValueKind::flag, "", kOutput,
     "Give the child one pipe for stdout and stderr, for exact order", "",
     at<&O::output, &OutputOptions::merge>},
    {"--pty", ValueKind::flag, "", kOutput, "Give the child a terminal of its own", "",
     at<&O::output, &OutputOptions::pty>},
    {"--stall", ValueKind::duration, "DURATION", kOutput,
     "How long a blocked console or log may hold the child back before bytes are dropped", "5s",
     at<&O::output, &OutputOptions::stall_limit>},
    {"--log-max-size", ValueKind::size, "SIZE", kOutput, "Rotate the log at this size, 0 for never",
     "0", at<&O::output, &OutputOptions::maximum_size>},
    {"--log-max-age", ValueKind::duration, "DURATION", kOutput,
     "Rotate the log at this age, 0 for never", "0s", at<&O::output, &OutputOptions::maximum_age>},
    {"--log-keep", ValueKind::count, "N", kOutput, "Rotated logs to keep", "5",
     at<&O::output, &OutputOptions::keep>},
    {"--log-max-total", ValueKind::size, "SIZE", kOutput,
     "Size of all rotated logs together, 0 for no limit", "0",
     at<&O::output, &OutputOptions::maximum_total>},
    {"--reopen-on-hup", ValueKind::flag, "", kOutput,
     "Open the log again on SIGHUP instead of forwarding it", "",
     at<&O::output, &OutputOptions::reopen_on_hangup>},
    {"--restore", ValueKind::choice, "STREAM", kOutput,
     "Write the STREAM that a cri log holds to stdout; the operand is the log", "",
     cli::into<&RunOptions::restore>, false, "stdout,stderr"},

    {"--name", ValueKind::text, "NAME", kRecords,
     "Name of the job; keeps a job record that `toolkit wait` reads", "",
     at<&O::record, &RecordOptions::name>},
    {"--state-dir", ValueKind::directory, "DIR", kRecords, "Where job records live", "",
     at<&O::record, &RecordOptions::state_directory>},
    {"--pid-file", ValueKind::file, "FILE", kRecords, "Write the child's PID here while it lives",
     "", at<&O::record, &RecordOptions::pid_file>},
    {"--events", ValueKind::file, "FILE", kRecords,
     "Append one JSON object for each transition to FILE", "",
     at<&O::record, &RecordOptions::events>},
    {"--termination-log", ValueKind::file, "FILE", kRecords,
     "Kubernetes termination message; empty for none, written by default where it exists",
     "/dev/termination-log", at<&O::record, &RecordOptions::termination_log>},
    {"--failure-file", ValueKind::file, "FILE", kRecords,
     "SageMaker failure reason; empty for none, written by default where /opt/ml/output exists",
     "/opt/ml/output/failure", at<&O::record, &RecordOptions::failure_file>},

    {"--user", ValueKind::user, "UID[:GID]", kProcess,
     "Run the child as this user, by name or number", "", at<&O::process, &ProcessOptions::user>},
    {"--chdir", ValueKind::directory, "DIR", kProcess, "Working directory of the child", "",
     at<&O::process, &ProcessOptions::directory>},
    {"--env", ValueKind::text, "NAME=VALUE", kProcess,
     "Set a variable of the child; NAME alone keeps ours, or its absence", "",
     at<&O::process, &ProcessOptions::environment>, true},
    {"--env-file", ValueKind::file, "FILE", kProcess, "Set variables of the child from a file", "",
     at<&O::process, &ProcessOptions::environment_files>, true},
    {"--with-env", ValueKind::flag, "", kProcess,
     "Set RANK, WORLD_SIZE, MASTER_ADDR and the like, see toolkit-env(1)", "",
     cli::into<&O::with_environment>},
    {"--with-env-provider", ValueKind::text, "NAME", kProcess,
     "For --with-env: believe this launcher or platform only", "", cli::into<&O::provider>},
    {"--with-env-nproc", ValueKind::count, "N", kProcess,
     "For --with-env: processes on each node, where nobody else says it", "",
     cli::into<&O::processes>},
    {"--umask", ValueKind::text, "MODE", kProcess, "File mode mask of the child, in octal", "",
     at<&O::process, &ProcessOptions::umask>},
    {"--conda", ValueKind::text, "NAME", kProcess,
     "Run in this conda environment, a name or a path", "",
     at<&O::process, &ProcessOptions::conda>},
    {"--detach", ValueKind::flag, "", kProcess,
     "Return when the child has started; print its name and PID", "",
     at<&O::process, &ProcessOptions::detach>},

    {"--check-gpu", ValueKind::flag, "", kHooks,
     "Start the child where its GPUs are fit, see toolkit-check-gpu(1); else end with 10 to 15", "",
     at<&O::hooks, &HookOptions::check_gpu>},
    {"--check-gpu-expect", ValueKind::count, "N", kHooks,
     "For --check-gpu: GPUs that the child needs, 0 for none", "",
     at<&O::hooks, &HookOptions::expected_gpus>},
    {"--check-gpu-timeout", ValueKind::duration, "DURATION", kHooks,
     "For --check-gpu: time for the driver to answer, then it counts as hung", "5s",
     at<&O::hooks, &HookOptions::check_gpu_timeout>},
    {"--wait", ValueKind::text, "CONDITION", kHooks,
     "Start the child when this is met, see toolkit-wait(1)", "",
     at<&O::hooks, &HookOptions::conditions>, true},
    {"--wait-timeout", ValueKind::duration, "DURATION", kHooks,
     "Time for --wait, then exit with 124, 0 for never", "0s",
     at<&O::hooks, &HookOptions::wait_timeout>},
    {"--sync", ValueKind::text, "SRC=DEST", kHooks,
     "Upload while the child runs, and the rest when it is over, see toolkit-sync(1)", "",
     at<&O::sync, &supervise::SyncOptions::pairs>, true},
    {"--sync-filter", ValueKind::text, "RULE", kHooks,
     "A filter rule for --sync: '+ *.log', '- tmp/'", "",
     at<&O::sync, &supervise::SyncOptions::filters>, true},
    {"--before", ValueKind::command, "COMMAND", kHooks,
     "Run this first; the child starts only if it succeeds", "",
     at<&O::hooks, &HookOptions::before>, true},
    {"--on-stop", ValueKind::command, "COMMAND", kHooks,
     "Run this when stopping begins, beside the stop signal", "",
     at<&O::hooks, &HookOptions::on_stop>, true},
    {"--after", ValueKind::command, "COMMAND", kHooks, "Run this when the child is over", "",
     at<&O::hooks, &HookOptions::after>, true},
    {"--restart", ValueKind::text, "WHEN", kHooks,
     "Start the child again: never, on-failure[:N] or always[:N]", "never",
     at<&O::restart, &RestartOptions::policy>, false, "never,on-failure,always"},
    {"--restart-delay", ValueKind::duration, "DURATION", kHooks,
     "First delay before a restart; doubles each time", "1s",
     at<&O::restart, &RestartOptions::delay>},
    {"--restart-max-delay", ValueKind::duration, "DURATION", kHooks,
     "Longest delay before a restart", "5m", at<&O::restart, &RestartOptions::maximum_delay>},
    {"--restart-codes", ValueKind::text, "CODES", kHooks,
     "Exit codes that count as failures worth a restart, as 1-127,!2", "",
     at<&O::restart, &RestartOptions::codes>},
    {"--map-exit", ValueKind::text, "CODE=CODE", kHooks,
     "Exit with the second code where the child's is the first", "",
     at<&O::restart, &RestartOptions::map_exit>, true},
};

}  // namespace

std::span<const cli::Option> run_options() { return kOptions; }

}  // namespace toolkit::commands
