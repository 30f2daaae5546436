#include "backoff.hpp"

#include <algorithm>

namespace toolkit::waiting {
namespace {

constexpr double kFirst = 10;  // milliseconds
constexpr double kGrowth = 1.5;
constexpr double kJitter = 0.2;

double before_jitter(Milliseconds interval) {
  return static_cast<double>(std::max<Milliseconds::rep>(interval.count(), 1)) / (1 + kJitter);
}

}  // namespace

Backoff::Backoff(Milliseconds interval)
    : longest_(before_jitter(interval)), base_(std::min(kFirst, longest_)) {}

Duration Backoff::next(double random) {
  const double pause = base_ * (1 - kJitter + 2 * kJitter * random);
  base_ = std::min(base_ * kGrowth, longest_);
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(pause));
}

void Backoff::limit(Milliseconds interval) {
  longest_ = before_jitter(interval);
  base_ = std::min(base_, longest_);
}

void Backoff::restart() { base_ = std::min(kFirst, longest_); }

}  // namespace toolkit::waiting
