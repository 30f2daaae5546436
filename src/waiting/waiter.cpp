// The loop: what is ready goes on, what has changed is judged, and the rest of the time is slept.

#include "apart.hpp"
#include "verdict.hpp"
#include "watched_leaf.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/condition/evaluator.hpp>
#include <toolkit/waiting/waiter.hpp>

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace toolkit::waiting {
namespace {

constexpr int kTimedOut = 124;
constexpr int kSignalBase = 128;

SteadyTime now_is() { return std::chrono::steady_clock::now(); }

// Containers that were started together must not have the same jitter.
unsigned random_seed() {
  unsigned seed = 0;
  if (::getrandom(&seed, sizeof seed, GRND_NONBLOCK) != static_cast<ssize_t>(sizeof seed)) {
    seed = static_cast<unsigned>(now_is().time_since_epoch().count());
  }
  return seed;
}

// How things stand before anything was tried.
std::vector<LeafReport> untried(const condition::Tree& tree) {
  const auto places = leaf_places(tree);
  std::vector<LeafReport> reports;
  for (std::size_t i = 0; i < tree.leaves.size(); ++i) {
    reports.push_back({tree.leaves[i].text, {}, 0, false, places[i].negated, 0});
  }
  return reports;
}

class Loop final : public Waiter {
 public:
  Loop(Options options, std::vector<std::unique_ptr<probe::Probe>> probes);
  Report wait(const Progress& progress, const Interrupt& interrupt) override;

 private:
  void begin_all();
  void poll_until(SteadyTime wake);
  void go_on(SteadyTime now);
  [[nodiscard]] SteadyTime next_wake(SteadyTime now) const;
  [[nodiscard]] int interrupting_signal();
  [[nodiscard]] bool has_changed();
  [[nodiscard]] std::optional<Report> judge(SteadyTime now);
  [[nodiscard]] bool is_certain(SteadyTime now);
  void show_progress(bool changed, SteadyTime now);
  void update_reports(SteadyTime now);
  [[nodiscard]] Report report(Verdict verdict, SteadyTime now);

  Options options_;
  std::vector<WatchedLeaf> leaves_;
  std::vector<LeafReport> reports_;
  condition::Evaluator evaluator_;
  std::vector<condition::Value> values_;
  std::vector<pollfd> entries_;  // the interrupt's, then each leaf's in order
  std::vector<std::size_t> missing_;
  const Progress* progress_ = nullptr;
  const Interrupt* interrupt_ = nullptr;
  SteadyTime start_{}, deadline_ = SteadyTime::max(), shown_{};
  bool in_doubt_ = false;  // met, but for an attempt that may take it back
};

Loop::Loop(Options options, std::vector<std::unique_ptr<probe::Probe>> probes)
    : options_(std::move(options)),
      reports_(untried(options_.tree)),
      evaluator_(options_.tree),
      values_(probes.size()) {
  const auto places = leaf_places(options_.tree);
  const unsigned seed = random_seed();
  leaves_.reserve(probes.size());
  for (std::size_t i = 0; i < probes.size(); ++i) {
    leaves_.emplace_back(std::move(probes[i]), places[i], options_,
                         seed + static_cast<unsigned>(i) * 7919U, probes.size());
  }
}

Report Loop::wait(const Progress& progress, const Interrupt& interrupt) {
  progress_ = &progress;
  interrupt_ = &interrupt;
  start_ = shown_ = now_is();
  deadline_ = options_.timeout.count() > 0 ? start_ + options_.timeout : SteadyTime::max();
  begin_all();
  for (bool first = true;; first = false) {
    SteadyTime now = now_is();
    const bool late = now >= deadline_;
    for (std::size_t i = 0; late && i < leaves_.size(); ++i) {
      leaves_[i].cut(now);
    }
    const bool changed = has_changed();
    if (changed || first || late || in_doubt_ || now >= evaluator_.next_change()) {
      if (auto ended = judge(now)) {
        return *ended;
      }
    }
    if (late) {
      return report({Ending::timed_out, kTimedOut}, now);
    }
    show_progress(changed, now);
    poll_until(next_wake(now));
    if (const int signal = interrupting_signal(); signal != 0) {
      Report ended = report({Ending::interrupted, kSignalBase + signal}, now_is());
      ended.signal = signal;
      return ended;
    }
    go_on(now_is());
  }
}

void Loop::begin_all() {
  for (WatchedLeaf& leaf : leaves_) {
    const SteadyTime now = now_is();
    if (now >= deadline_) {
      return;
    }
    leaf.begin(now, deadline_);
  }
}

SteadyTime Loop::next_wake(SteadyTime now) const {
  const SteadyTime change = evaluator_.next_change();
  SteadyTime wake = std::min(deadline_, change > now ? change : SteadyTime::max());
  if (progress_->show && progress_->every.count() > 0) {
    wake = std::min(wake, shown_ + progress_->every);
  }
  for (const WatchedLeaf& leaf : leaves_) {
    wake = std::min(wake, leaf.wake());
  }
  return wake;
}

void Loop::poll_until(SteadyTime wake) {
  entries_.clear();
  entries_.push_back({interrupt_->fd, POLLIN, 0});  // poll(2) passes over a negative one
  for (const WatchedLeaf& leaf : leaves_) {
    entries_.insert(entries_.end(), leaf.wanted().begin(), leaf.wanted().end());
  }
  const auto left = std::max(wake - now_is(), Duration(0));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  const timespec timeout{seconds.count(), (left - seconds).count()};
  const bool endless = wake == SteadyTime::max();
  if (::ppoll(entries_.data(), entries_.size(), endless ? nullptr : &timeout, nullptr) < 0) {
    for (pollfd& entry : entries_) {
      entry.revents = 0;
    }
    if (errno != EINTR) {  // no memory, or more descriptors than we may have: by the clock then
      const timespec pause{0, 1'000'000};
      ::nanosleep(&pause, nullptr);
    }
  }
}

void Loop::go_on(SteadyTime now) {
  std::span<const pollfd> rest = std::span(entries_).subspan(1);
  for (WatchedLeaf& leaf : leaves_) {
    const auto entries = rest.first(leaf.wanted().size());
    rest = rest.subspan(entries.size());
    const bool ready = std::any_of(entries.begin(), entries.end(),
                                   [](const pollfd& entry) { return entry.revents != 0; });
    if (now < deadline_ && (ready || leaf.is_due(now))) {
      leaf.go_on(entries, now, deadline_);
      now = now_is();
    }
  }
}

int Loop::interrupting_signal() {
  return entries_[0].revents != 0 && interrupt_->stop ? interrupt_->stop() : 0;
}

bool Loop::has_changed() {
  bool changed = false;
  for (WatchedLeaf& leaf : leaves_) {
    changed = leaf.take_change() || changed;
  }
  return changed;
}

std::optional<Report> Loop::judge(SteadyTime now) {
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    values_[i] = leaves_[i].value();
  }
  const condition::Value root = evaluator_.evaluate(values_, now);
  missing_ = evaluator_.missing();
  in_doubt_ = root.met && !is_certain(now);
  if (in_doubt_ || !(root.met || root.final)) {
    return std::nullopt;
  }
  update_reports(now);
  if (root.met) {
    missing_.clear();
    return report(verdict_of_met(reports_), now);
  }
  return report(verdict_of_unmet(reports_, missing_), now);
}

// A `for` must not end well on an old answer while the server, asked again, has gone silent: it is
// asked whether it would also be met if those attempts failed.
bool Loop::is_certain(SteadyTime now) {
  bool doubted = false;
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    if (leaves_[i].is_in_doubt()) {
      values_[i] = leaves_[i].doubted_value();
      doubted = true;
    }
  }
  if (!doubted) {
    return true;
  }
  condition::Evaluator doubter = evaluator_;
  const bool met = doubter.evaluate(values_, now).met;
  missing_ = met ? missing_ : doubter.missing();
  return met;
}

void Loop::show_progress(bool changed, SteadyTime now) {
  const bool time = progress_->every.count() > 0 && now >= shown_ + progress_->every;
  if (!progress_->show || !(changed || time)) {
    return;
  }
  shown_ = now;
  update_reports(now);
  progress_->show(reports_, std::chrono::duration<double>(now - start_).count());
}

void Loop::update_reports(SteadyTime now) {
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    leaves_[i].report_to(reports_[i], now);
  }
}

Report Loop::report(Verdict verdict, SteadyTime now) {
  update_reports(now);
  Report report;
  report.ending = verdict.ending;
  report.exit_code = verdict.exit_code;
  report.seconds = std::chrono::duration<double>(now - start_).count();
  report.leaves = reports_;
  report.missing = missing_;
  return report;
}

}  // namespace

tl::expected<std::unique_ptr<Waiter>, condition::Mistake> Waiter::make(Options options) {
  std::vector<std::unique_ptr<probe::Probe>> probes;
  for (const condition::Leaf& leaf : options.tree.leaves) {
    auto probe = probe::make_probe(leaf, options.settings);
    if (!probe) {
      return tl::unexpected(std::move(probe.error()));
    }
    probes.push_back(std::move(*probe));
  }
  const auto mounts = read_file("/proc/self/mountinfo");
  if (!mounts || !can_hold_us(*mounts)) {
    return around(std::move(options), std::move(probes));
  }
  auto leaves = untried(options.tree);
  const Milliseconds timeout = options.timeout;
  return wait_apart(around(std::move(options), std::move(probes)), std::move(leaves), timeout);
}

std::unique_ptr<Waiter> Waiter::around(Options options,
                                       std::vector<std::unique_ptr<probe::Probe>> probes) {
  return std::make_unique<Loop>(std::move(options), std::move(probes));
}

}  // namespace toolkit::waiting
