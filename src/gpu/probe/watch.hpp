#pragma once
// Runs probes side by side under one deadline. One that hangs or dies costs its own answers only.

#include "launch.hpp"

#include <toolkit/gpu/collect.hpp>

#include <chrono>
#include <list>
#include <string>
#include <vector>

namespace toolkit::gpu {

struct ProbePlan {
  std::string name;                    // "nvml"
  std::vector<std::string> arguments;  // the mode first
  /// For one that is silent for a quarter of the time: what another is started with, so that what
  /// comes behind the place where it stands is asked all the same. Null: nothing.
  std::vector<std::string> (*rest)(const ProbePlan& plan, const std::string& phase) = nullptr;
};

struct Running;

class Watch {
 public:
  using Clock = std::chrono::steady_clock;
  Watch(const CollectOptions& options, Launcher& launcher, Clock::time_point deadline,
        Facts& facts);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void start(ProbePlan plan);
  /// What has been said so far goes into the facts; never waits.
  void listen();
  /// Returns when all are done, or at the latest 150 ms behind the deadline or a stop.
  void until_the_end();

 private:
  void wait_a_little();
  void pass_on();
  void end_by_force();

  const CollectOptions& options_;
  Launcher& launcher_;
  Facts& facts_;
  Clock::time_point deadline_;
  Clock::duration patience_;
  std::list<Running> running_;
};

}  // namespace toolkit::gpu
