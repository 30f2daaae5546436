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
  Milliseconds timeout{0};            // 0: for ever
  Milliseconds interval{1'000};       // the longest time between two attempts of one probe
  Milliseconds attempt_timeout{5'000};  // of one attempt
  probe::Settings settings;
};

/// One leaf's state, for progress and reports.
struct LeafReport {
  std::string text;         // as typed
  probe::Finding finding;   // of the last attempt that ended
  int attempts = 0;         // that have begun
  bool answered = false;    // an attempt has ended
  double age_seconds = 0;   // since that end
};

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

/// Makes the probes. Mistakes in leaves come back before anything is tried.
class Waiter {
 public:
  static tl::expected<std::unique_ptr<Waiter>, condition::Mistake> make(Options options);
  virtual ~Waiter() = default;
  [[nodiscard]] virtual Report wait(const Progress& progress, const Interrupt& interrupt) = 0;
};

}  // namespace toolkit::waiting
