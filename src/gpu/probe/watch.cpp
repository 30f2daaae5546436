#include "watch.hpp"

#include "own_copy.hpp"
#include "running.hpp"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>

namespace toolkit::gpu {
namespace {

using Clock = Watch::Clock;
using std::chrono::milliseconds;

// What a killed probe is given to go. With the judging and the writing behind it, the report is to
// be there 300 ms behind the deadline.
constexpr milliseconds kLastWait{150};

bool still_there(const Running& probe) { return !probe.reaped; }

// What takes no library is asked by a copy of ourselves, where it is all that is asked or where no
// probe runs.
std::optional<Started> start_one(Launcher& launcher, const std::vector<std::string>& words) {
  const std::vector<std::string> paths(words.begin() + 1, words.end());
  if (words[0] == "files") {
    return read_files_ourselves(paths);
  }
  auto started = launcher.start(words);
  return started || words[0] != "nodes" ? std::move(started) : ask_nodes_ourselves(paths);
}

}  // namespace

Watch::Watch(const CollectOptions& options, Launcher& launcher, Clock::time_point deadline,
             Facts& facts)
    : options_(options),
      launcher_(launcher),
      facts_(facts),
      deadline_(deadline),
      patience_((deadline - Clock::now()) / 4) {}

Watch::~Watch() = default;

void Watch::start(ProbePlan plan) {
  const Clock::time_point now = Clock::now();
  auto started = start_one(launcher_, plan.arguments);
  if (!started) {
    const char* state = launcher_.no_loader() ? "no loader" : "not started";
    facts_.probes.outcomes.push_back({plan.name, state, "", launcher_.why(), 0});
    return;
  }
  fcntl(started->lines.get(), F_SETFL, O_NONBLOCK);
  running_.push_back({std::move(plan),
                      started->pid,
                      std::move(started->lines),
                      LineReader(facts_),
                      now,
                      now,
                      false,
                      false,
                      {}});
  running_.back().outcome.name = running_.back().plan.name;
}

void Watch::listen() {
  for (Running& probe : running_) {
    if (still_there(probe)) {
      probe.listen();
      probe.reap();
    }
  }
}

void Watch::until_the_end() {
  while (std::ranges::any_of(running_, still_there) && Clock::now() < deadline_ &&
         !options_.is_stopped()) {
    wait_a_little();
    listen();
    pass_on();
  }
  end_by_force();
  for (Running& probe : running_) {
    facts_.probes.outcomes.push_back(std::move(probe.outcome));
  }
}

// For a line; a probe whose pipe is closed is about to end, or was reaped by somebody else.
void Watch::wait_a_little() {
  std::vector<pollfd> fds;
  bool ending = false;
  for (const Running& probe : running_) {
    if (still_there(probe) && probe.lines) {
      fds.push_back({probe.lines.get(), POLLIN, 0});
    }
    ending = ending || (still_there(probe) && !probe.lines);
  }
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - Clock::now());
  const milliseconds most(ending ? 1 : 50);
  poll(fds.data(), fds.size(), static_cast<int>(std::clamp(left, milliseconds(0), most).count()));
}

void Watch::pass_on() {
  std::vector<ProbePlan> more;
  for (Running& probe : running_) {
    if (probe.reaped || probe.passed_on || probe.plan.rest == nullptr ||
        Clock::now() - probe.last_word < patience_) {
      continue;
    }
    probe.passed_on = true;
    if (auto rest = probe.plan.rest(probe.plan, probe.reader.phase()); !rest.empty()) {
      more.push_back({probe.plan.name + ", the rest", std::move(rest), probe.plan.rest});
    }
  }
  for (ProbePlan& plan : more) {
    start(std::move(plan));
  }
}

// What cannot be killed is left: it holds nothing of ours.
void Watch::end_by_force() {
  for (Running& probe : running_) {
    if (still_there(probe)) {
      probe.kill_it();
    }
  }
  const Clock::time_point last = Clock::now() + kLastWait;
  for (Running& probe : running_) {
    if (still_there(probe)) {
      probe.bury(last);
    }
  }
}

}  // namespace toolkit::gpu
