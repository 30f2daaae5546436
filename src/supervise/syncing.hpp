#pragma once
// --sync: the engine of `toolkit sync` follows while the job goes on, and sends the rest when it is
// over, inside what is left of the grace.

#include <toolkit/process/signals.hpp>
#include <toolkit/supervise/options.hpp>

#include <memory>
#include <optional>

namespace toolkit::supervise {

class Syncing {
 public:
  /// The places of --sync, opened; null when there are none. Errors: usage; what can be tried again
  /// is, while the job runs.
  static Result<std::unique_ptr<Syncing>> prepare(const Options& options);
  virtual ~Syncing() = default;

  /// On threads of its own, from before the child's first word on.
  virtual void start() = 0;
  /// The last look, until `deadline`. A signal that asks us to stop meanwhile leaves it `grace`
  /// from then at most. True when all is there; the job's exit code is the child's either way.
  [[nodiscard]] virtual bool finish(SteadyTime deadline, Milliseconds grace,
                                    process::SignalQueue& signals) = 0;
};

}  // namespace toolkit::supervise
