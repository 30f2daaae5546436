#pragma once
// The job record: what `run` tells `wait`, `sync`, sidecars and people about one job. A JSON file
// that is always whole. Schema "toolkit.job/1"; keys are added, never renamed.

#include <toolkit/base/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::job {

inline constexpr std::string_view kSchema = "toolkit.job/1";

enum class State { starting, running, stopping, exited, lost };

[[nodiscard]] std::string_view state_name(State state);

struct Usage {
  double wall_seconds = 0;
  double user_seconds = 0;
  double system_seconds = 0;
  std::uint64_t peak_rss_bytes = 0;
};

struct OutputCounts {
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  std::uint64_t dropped_bytes = 0;  // that the console did not take
};

struct Record {
  std::string name;
  std::string generation;  // random text, new for each `run`: tells two jobs of one name apart
  int attempt = 1;         // restarts count up
  State state = State::starting;
  std::string phase;                // of `starting`, or the one that failed: check-gpu wait before
  std::vector<std::string> argv;    // secrets masked by the writer
  int argv_omitted = 0;             // arguments left out of a record because the list was too long
  int pid = 0;                      // the child's, in pid_namespace; 0 before it exists
  std::uint64_t pid_namespace = 0;  // inode of /proc/self/ns/pid
  std::uint64_t pid_start_ticks =
      0;                // /proc/PID/stat field 22: with boot_id, the process's identity
  std::string boot_id;  // /proc/sys/kernel/random/boot_id
  int supervisor_pid = 0;
  std::string host;
  std::string started_at, ended_at, updated_at;  // RFC 3339 UTC; empty when not yet
  std::optional<double> deadline_unix;           // while stopping: when SIGKILL falls
  std::optional<int> exit_code;                  // of `run`: what the container's status will be
  std::optional<int> signal;  // the child's fatal signal, kept apart from the folded code
  bool core_dumped = false;
  std::string reason;   // exited signal oom timeout idle_timeout cancelled exec_failed
                        // not_ready check_gpu
  std::string message;  // the one line for people
  bool oom_killed = false;
  std::uint64_t oom_kills_before =
      0;               // the cgroup's counter at start, for whoever must judge a lost job
  std::string cgroup;  // directory of the memory cgroup, empty when unknown
  bool output_open = false;
  Usage usage;
  OutputCounts out, err;
  std::string log_path;
  std::uint64_t log_dropped_bytes = 0;  // of the log, stamps included, that its disk did not take
};

/// One line. What is unknown is null; bytes that are not UTF-8 become U+FFFD; an argv of more than
/// 64 KiB is cut after the last argument that fits.
[[nodiscard]] std::string to_json(const Record& record);
/// Hostile input gives an error that names the key, never a crash; unknown keys are ignored, absent
/// ones and null keep their defaults.
[[nodiscard]] Result<Record> parse_record(std::string_view json);

}  // namespace toolkit::job
