#pragma once
// What a sync has done: told file by file while it goes on, and counted.

#include <toolkit/base/duration.hpp>
#include <toolkit/base/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace toolkit::sync {

/// What was done, or would be, with one file.
enum class Action {
  unchanged,
  created,   // was not there
  appended,  // grew by its tail
  replaced,  // whole, in place of another one
  renamed,   // at the destination, as it was at the source
  kept,      // an old generation that the new one does not continue, put aside
  left_out,  // by a rule or limit
  failed
};

/// "unchanged", "created", …: as in the JSON.
[[nodiscard]] std::string_view action_name(Action action);

struct FileEvent {
  Action action = Action::unchanged;
  std::string name;         // the file's key: below the transfer root
  std::uint64_t bytes = 0;  // sent, or to be sent
  std::string why;          // "not there", "grew from 10 to 20 bytes", "rule - *.tmp (--exclude)"
};

/// Counts of files and bytes. `bytes_sent` counts what was sent more than once too; `bytes_grown`
/// what had to be sent: without waste the two are equal.
struct Summary {
  std::uint64_t files = 0, unchanged = 0, created = 0, appended = 0, replaced = 0, renamed = 0,
                kept = 0, left_out = 0, failed = 0;
  std::uint64_t bytes_total = 0, bytes_grown = 0, bytes_sent = 0, retries = 0, passes = 0;
  std::uint64_t unavailable = 0;  // of `failed`: those for which the place could not be reached
  std::uint64_t unfinished = 0;   // of `failed`: those that the end of the time has cut off
  double seconds = 0;
  double lag_seconds = 0;  // since all was there; 0 when the last pass brought everything
};

/// The same as one JSON object on one line, with when it was made: for probes that want to know
/// whether a sync is alive and how far it is behind.
[[nodiscard]] std::string status_json(const Summary& summary, const std::string& trouble,
                                      WallTime now);

/// Told from the engine's threads, one call at a time.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_file(const FileEvent& event) = 0;
  /// A file or directory that could not be transferred (name may be empty: the place itself).
  virtual void on_problem(const std::string& name, const Error& error) = 0;
  /// Another try will follow after `pause`.
  virtual void on_retry(const std::string& name, const Error& error, Milliseconds pause) = 0;
};

/// 0: all there; 75: nothing but an unreachable place, and no more time for it, stood in the way;
/// else 1.
[[nodiscard]] int exit_code_of(const Summary& summary);

}  // namespace toolkit::sync
