#pragma once
// Waits until a tree of conditions is met, cannot be met any more, or the time is over: one thread,
// one poll(2), probes that never block it.

#include <toolkit/base/duration.hpp>
#include <toolkit/condition/condition.hpp>
#include <toolkit/probe/probe.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace toolkit::waiting {

struct Options {
  condition::Tree tree;
  Milliseconds timeout{0};  // 0: for ever
  // The longest time between two attempts of one probe. By default its pace (40 ms to 1 s), and
  // with more than a few leaves 10 ms for each of them: at most some 100 attempts a second, so that
  // whatever their number they use less than 1 % of a processor.
  std::optional<Milliseconds> interval{};
  Milliseconds attempt_timeout{5'000};  // of one attempt
  probe::Settings settings;
};

/// One leaf's state, for progress and reports.
struct LeafReport {
  std::string text;        // as typed
  probe::Finding finding;  // of the last attempt that ended
  int attempts = 0;        // that have begun
  bool answered = false;   // an attempt has ended
  bool negated = false;    // under an odd number of `not`: it is wanted not to be met
  double age_seconds = 0;  // since that end
};

/// How it ended, and the exit code that goes with it (the table is src/waiting/verdict.cpp):
/// - met: 0.
/// - over: what was waited for has ended; the first code other than 0, in the order in which the
///   leaves were typed. Of a tree that is met, or that cannot be met because a job ended otherwise
///   than it should.
/// - impossible: cannot be met any more: 122. Also for a job that ended with 0 and should not have.
/// - lost: the supervisor of a job died without a word: 120.
/// - unknown: cannot be seen from here: 3.
/// - timed_out: 124. - interrupted: 128 + the signal.
enum class Ending { met, over, impossible, lost, unknown, timed_out, interrupted };

struct Report {
  Ending ending = Ending::met;
  int exit_code = 0;  // what `wait` ends with
  int signal = 0;     // of interrupted
  double seconds = 0;
  std::vector<LeafReport> leaves;
  std::vector<std::size_t> missing;  // those that kept it from being met
};

/// Called at each change of a leaf, and at least every `every`; null for silence.
struct Progress {
  std::function<void(const std::vector<LeafReport>&, double seconds)> show;
  Milliseconds every{5'000};
};

/// An extra descriptor that ends the wait: `stop` is asked when it is readable and says by which
/// signal, or 0 to go on.
struct Interrupt {
  int fd = -1;
  std::function<int()> stop;
};

/// Every leaf is tried at once, then again after pauses of 10 ms that grow to its interval (a fifth
/// more or less by chance, never longer), or when its probe tells of an event. What is met is
/// looked at again too: all leaves of an `all` are met at the same time, and a `for` sees each of
/// its leaves at least four times. An answer that has not come, or that could not be had
/// (probe::denies()), counts against the whole, under a `not` as well: nothing is met for what was
/// not seen. An attempt without an answer
/// after `attempt_timeout` is noted as timed_out and begun anew.
class Waiter {
 public:
  /// Makes the probes. Mistakes in leaves come back before anything is tried.
  static tl::expected<std::unique_ptr<Waiter>, condition::Mistake> make(Options options);
  /// With probes of one's own, one a leaf of the tree; options.settings are not used.
  static std::unique_ptr<Waiter> around(Options options,
                                        std::vector<std::unique_ptr<probe::Probe>> probes);
  virtual ~Waiter() = default;
  /// Once. Comes back within some milliseconds of the timeout, whatever the probes wait for.
  [[nodiscard]] virtual Report wait(const Progress& progress, const Interrupt& interrupt) = 0;
};

}  // namespace toolkit::waiting
