#pragma once
// Runs probes side by side under one deadline. One that hangs or dies costs its own answers only.

#include "launch.hpp"

#include <toolkit/gpu/facts.hpp>

#include <chrono>
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

/// Returns when all are done, or at the latest 200 ms behind the timeout.
void watch(Launcher& launcher, std::vector<ProbePlan> plans, std::chrono::milliseconds timeout,
           Facts& facts);

}  // namespace toolkit::gpu
