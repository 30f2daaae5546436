#pragma once
// Everything that `run` can be asked for, as plain data with the defaults that --help states.

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/duration.hpp>
#include <toolkit/output/stamper.hpp>
#include <toolkit/output/tee.hpp>
#include <toolkit/process/signals.hpp>

#include <signal.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace toolkit::supervise {

enum class SignalTarget { group, process, tree };
enum class Leftover { kill, stop, leave };
enum class RestartWhen { never, on_failure, always };

/// Which signal is passed on for which: 64 entries, 0 swallows. Index 0 is unused.
struct RewriteTable {
  std::array<int, 65> to{};
  RewriteTable() {
    for (int number = 0; number <= 64; ++number) {
      to[static_cast<std::size_t>(number)] = number;
    }
  }
};

/// A signal sent some time before a deadline falls: `--notify USR1@60s`.
struct Notice {
  process::Signal signal{};
  Milliseconds before{0};
};

struct RestartPolicy {
  RestartWhen when = RestartWhen::never;
  int limit = -1;  // restarts at most; -1: no limit
};

/// Exit codes as ranges: "1-127,!2".
struct CodeSet {
  std::array<bool, 256> contains{};
};

struct ExitMapping {
  int from = 0, to = 0;
};

struct FileMode {
  unsigned bits = 0;
};

/// Decimals of a second.
enum class Precision { seconds = 0, milliseconds = 3, microseconds = 6, nanoseconds = 9 };

struct StopOptions {
  std::optional<Milliseconds> grace;  // none: 25 s, or what a supervisor above us left
  std::optional<process::Signal>
      stop_signal;  // none: the signal that asked us, SIGTERM for timeouts
  SignalTarget signal_to = SignalTarget::group;
  RewriteTable rewrite;
  Milliseconds timeout{0};
  std::optional<Notice> notice;  // before the timeout
  Milliseconds idle_timeout{0};
  process::Signal idle_signal{};
  std::string heartbeat;
  Leftover leftover = Leftover::kill;
  Milliseconds drain{2'000};
  bool die_with_parent = false;
  bool die_like_child = false;
  bool own_cgroup = false;
};

struct OutputOptions {
  std::string log;
  output::ConsoleMode console = output::ConsoleMode::raw;
  std::optional<std::string> prefix;
  output::LogFormat format = output::LogFormat::text;
  Precision precision = Precision::seconds;
  bool utc = false;
  bool fixed_levels = false;
  bool merge = false;
  bool pty = false;
  bool reopen_on_hangup = false;
  Milliseconds fold_interval{1'000};
  Milliseconds stall_limit{5'000};
  ByteSize maximum_size{0};
  Milliseconds maximum_age{0};
  int keep = 5;
  ByteSize maximum_total{0};
};

struct RecordOptions {
  std::string name;
  std::string state_directory;
  std::string pid_file;
  std::string events;
  std::optional<std::string> termination_log;
  std::optional<std::string> failure_file;
};

struct ProcessOptions {
  std::vector<std::string> argv;
  std::string user;
  std::string directory;
  std::optional<SteadyTime> derived_since;  // when the search for `derived` began, if it did
  std::vector<std::pair<std::string, std::string>> derived;  // set first: the two below win
  std::vector<std::string> environment;
  std::vector<std::string> environment_files;
  std::optional<FileMode> umask;
  std::string conda;
  bool detach = false;
};

struct HookOptions {
  bool check_gpu = false;                         // as `toolkit check-gpu`, before all others
  std::optional<int> expected_gpus;               // that it must find
  std::optional<Milliseconds> check_gpu_timeout;  // for its driver; none: as `check-gpu`
  std::vector<std::string> conditions;  // as of `toolkit wait`: the child starts when all are met
  Milliseconds wait_timeout{0};         // for them, 0 for ever
  std::vector<std::string> before, on_stop, after;
};

struct SyncOptions {
  std::vector<std::string> pairs;    // SRC=DEST, as operands of `toolkit sync`
  std::vector<std::string> filters;  // its rules, for all of them
};

struct RestartOptions {
  RestartPolicy policy;
  Milliseconds delay{1'000};
  Milliseconds maximum_delay{300'000};
  std::optional<CodeSet> codes;
  std::vector<ExitMapping> map_exit;
};

struct Options {
  StopOptions stop;
  OutputOptions output;
  RecordOptions record;
  ProcessOptions process;
  HookOptions hooks;
  SyncOptions sync;
  RestartOptions restart;
};

}  // namespace toolkit::supervise
