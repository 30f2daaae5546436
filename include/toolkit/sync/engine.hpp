#pragma once
// Brings a destination up to its sources: proves what is there, sends the rest, resumes what was
// cut off. Threads of its own do the transfers; a pass comes back when they have ended.

#include <toolkit/selection/explain.hpp>
#include <toolkit/sync/options.hpp>
#include <toolkit/sync/summary.hpp>

#include <memory>
#include <optional>

namespace toolkit::sync {

/// Progress of the pass under way, for a bar: may be asked from another thread.
struct Progress {
  std::uint64_t files_done = 0, files_found = 0, bytes_sent = 0, bytes_found = 0;
  bool all_found = false;  // the walk is over: what is found is all there is
};

class Engine {
 public:
  /// Opens the places and reads the rules and the journal. Errors: usage (rules, DEST inside SRC),
  /// not_found and denied (a source that is not there), unavailable. The observer is borrowed.
  static Result<std::unique_ptr<Engine>> make(Options options, Observer& observer);
  virtual ~Engine() = default;

  /// One pass over all sources; ends early, with what could not be done counted as failed, when
  /// `deadline` falls (transfers keep what has arrived). `last` sends first what grew latest.
  /// Error: the destination belongs to another sync (conflict), or cannot be reached at all.
  [[nodiscard]] virtual Result<void> pass(bool last, std::optional<SteadyTime> deadline) = 0;
  /// Passes until stop() and a last one within the grace; comes back early when `until` is met.
  [[nodiscard]] virtual Result<void> follow() = 0;
  /// From any thread: `follow` goes over to its last pass, a transfer goes on. The last pass ends
  /// at the deadline, if it is earlier than the grace; calls may follow with earlier ones.
  virtual void stop(std::optional<SteadyTime> deadline = std::nullopt) = 0;
  /// Ends everything now: what is under way is left as a true prefix.
  virtual void abandon() = 0;

  /// Of all passes so far.
  [[nodiscard]] virtual Summary summary() const = 0;
  [[nodiscard]] virtual Progress progress() const = 0;
};

/// Which rule or limit decides about a path below the first source.
[[nodiscard]] Result<selection::Explanation> explain(const Options& options,
                                                     const std::string& path);

}  // namespace toolkit::sync
