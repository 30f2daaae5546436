#pragma once
// Drives one probe as the part `waiting` would, for tests of a probe alone: poll(2) on what it
// collects, advance() with what became ready or at its own deadline.

#include <toolkit/probe/probe.hpp>

#include <doctest/doctest.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <vector>

namespace toolkit::support {

/// Sleeps until a descriptor of the probe is ready, its own deadline or `until`, and lets it go on.
inline void drive_once(probe::Probe& probe, SteadyTime until) {
  using std::chrono::steady_clock;
  std::vector<pollfd> entries;
  probe.collect(entries);
  const auto end = std::min(until, probe.next_deadline());
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now());
  const auto limit = std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 60'000);
  if (::poll(entries.data(), entries.size(), static_cast<int>(limit)) < 0) {
    REQUIRE(errno == EINTR);
    for (pollfd& entry : entries) {
      entry.revents = 0;
    }
  }
  probe.advance(entries, steady_clock::now());
}

/// One attempt from begin() to its answer. Half a second longer than `limit` is allowed; then the
/// test fails, and the answer is empty words.
inline probe::Finding attempt(probe::Probe& probe,
                              std::chrono::milliseconds limit = std::chrono::seconds(5)) {
  const auto until = std::chrono::steady_clock::now() + limit;
  probe.begin(std::chrono::steady_clock::now(), until);
  auto finding = probe.take();
  while (!finding && std::chrono::steady_clock::now() < until + std::chrono::milliseconds(500)) {
    drive_once(probe, until);
    finding = probe.take();
  }
  REQUIRE_MESSAGE(finding, "the probe has no answer at the end of its attempt");
  return *finding;
}

/// Attempts until `wanted` holds for an answer or `limit` has passed: the next one at once when the
/// probe is stirred, else after `interval`, or never before an event if it tells all. The last
/// answer.
template <typename Predicate>
probe::Finding drive_until(probe::Probe& probe, Predicate wanted,
                           std::chrono::milliseconds limit = std::chrono::seconds(20),
                           std::chrono::milliseconds interval = std::chrono::seconds(1)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  probe::Finding finding = attempt(probe);
  while (!wanted(finding) && std::chrono::steady_clock::now() < end) {
    const auto next =
        probe.tells_all() ? end : std::min(end, std::chrono::steady_clock::now() + interval);
    while (!probe.stirred() && std::chrono::steady_clock::now() < next) {
      drive_once(probe, next);
    }
    finding = attempt(probe);
  }
  return finding;
}

/// Until nothing can change the answer any more.
inline probe::Finding drive_until_final(
    probe::Probe& probe, std::chrono::milliseconds limit = std::chrono::seconds(20),
    std::chrono::milliseconds interval = std::chrono::seconds(1)) {
  return drive_until(
      probe, [](const probe::Finding& finding) { return finding.final; }, limit, interval);
}

/// Until it is met.
inline probe::Finding drive_until_met(
    probe::Probe& probe, std::chrono::milliseconds limit = std::chrono::seconds(20),
    std::chrono::milliseconds interval = std::chrono::seconds(1)) {
  return drive_until(
      probe, [](const probe::Finding& finding) { return finding.met; }, limit, interval);
}

}  // namespace toolkit::support
