#pragma once
// Which probes there are. They are started as soon as what they ask about is known, work while we
// read on, and are heard at the end: what we read never adds to the time they are given.

#include "watch.hpp"

#include <toolkit/gpu/collect.hpp>

namespace toolkit::gpu {

class Probes {
 public:
  /// Their answers go into `facts`; the deadline is of them all.
  Probes(const CollectOptions& options, Watch::Clock::time_point deadline, Facts& facts);

  void ask_driver();    // the device files in facts.driver, NVML, CUDA
  void ask_adapters();  // those in facts.rdma
  void ask_amd();       // the GPUs in facts.amd
  void listen() { watch_.listen(); }
  /// Returns when all are done, at the latest 150 ms behind the deadline.
  void until_the_end() { watch_.until_the_end(); }

 private:
  const CollectOptions& options_;
  Facts& facts_;
  Launcher launcher_;
  Watch watch_;
};

/// --deep: every GPU is given work.
void burn(const CollectOptions& options, Facts& facts);
/// After that work: NVML's counters of errors once more, beside those read before it.
void read_counters_again(const CollectOptions& options, ProbeFacts& probes);

}  // namespace toolkit::gpu
