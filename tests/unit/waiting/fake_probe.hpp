#pragma once
// Probes that answer by a script, and trees around them.

#include <toolkit/base/unique_fd.hpp>
#include <toolkit/waiting/waiter.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace toolkit::waiting::test {

using condition::Kind;
using condition::Node;
using probe::Finding;
using probe::Reason;

inline Finding met() { return {true, false, Reason::none, "", {}}; }
inline Finding refused() { return {false, false, Reason::refused, "connection refused", {}}; }
inline Finding over(int code) {
  return {true, true, Reason::over, "exited " + std::to_string(code), code};
}

/// What was done with a probe; the test keeps it while the waiter owns the probe.
struct Seen {
  int begins = 0, advances = 0;
  mutable int collects = 0;
  std::vector<SteadyTime> begun_at;
};

/// Answers attempt N (from 1) at once with what the function says; nothing: it stays silent.
using Answer = std::function<std::optional<Finding>(int attempt)>;

class FakeProbe : public probe::Probe {
 public:
  explicit FakeProbe(Answer answer, Seen* seen = nullptr)
      : answer_(std::move(answer)), seen_(seen != nullptr ? seen : &own_) {}

  void begin(SteadyTime now, SteadyTime /*until*/) override {
    ++seen_->begins;
    seen_->begun_at.push_back(now);
    stirred_ = false;
    found_ = answer_(seen_->begins);
  }
  void collect(std::vector<pollfd>& entries) const override {
    ++seen_->collects;
    if (event_.get() >= 0) {
      entries.push_back({event_.get(), POLLIN, 0});
    }
  }
  SteadyTime next_deadline() const override { return wants_; }
  void advance(std::span<const pollfd> entries, SteadyTime /*now*/) override {
    ++seen_->advances;
    std::uint64_t count = 0;
    if (!entries.empty() && entries[0].revents != 0 && drains_) {
      stirred_ = ::read(event_.get(), &count, sizeof count) == sizeof count;
    }
  }
  std::optional<Finding> take() override { return std::exchange(found_, std::nullopt); }
  bool stirred() const override { return stirred_; }
  bool tells_all() const override { return tells_all_; }
  Milliseconds pace() const override { return pace_(seen_->begins); }

  /// An event that stirs the probe when it is written to; the descriptor stays the probe's.
  int add_event() {
    event_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    return event_.get();
  }
  void tell_all() { tells_all_ = true; }
  /// How often it would be asked, by the number of attempts so far.
  void set_pace(std::function<Milliseconds(int attempts)> pace) { pace_ = std::move(pace); }
  /// Always wants to go on and never drains its event: the worst that a probe can ask for.
  void misbehave() {
    drains_ = false;
    wants_ = SteadyTime::min();
  }

 private:
  Answer answer_;
  Seen own_;
  Seen* seen_;
  UniqueFd event_;
  bool drains_ = true, stirred_ = false, tells_all_ = false;
  SteadyTime wants_ = SteadyTime::max();
  std::optional<Finding> found_;
  std::function<Milliseconds(int)> pace_ = [](int) { return probe::kUsualPace; };
};

inline void stir(int event) {
  const std::uint64_t one = 1;
  (void)!::write(event, &one, sizeof one);
}

inline Answer always(Finding finding) {
  return [finding](int) { return finding; };
}
inline Answer silent() {
  return [](int) { return std::nullopt; };
}

inline Node leaf(std::size_t index) {
  Node node;
  node.leaf = index;
  return node;
}
inline Node node(Kind kind, std::vector<Node> children, Milliseconds duration = {}) {
  Node result;
  result.kind = kind;
  result.children = std::move(children);
  result.duration = duration;
  return result;
}

inline condition::Tree tree_of(Node root, std::size_t leaves) {
  condition::Tree tree;
  tree.root = std::move(root);
  tree.leaves.resize(leaves);
  for (std::size_t i = 0; i < leaves; ++i) {
    tree.leaves[i].text = "fake:" + std::to_string(i);
  }
  return tree;
}

/// A wait to be: probes, the tree around them (all of them, unless said otherwise), and the times.
struct Scene {
  std::vector<std::unique_ptr<probe::Probe>> probes;
  std::optional<Node> root;
  Milliseconds timeout{10'000}, attempt_timeout{5'000};
  std::optional<Milliseconds> interval{1'000};
  Progress progress;
  Interrupt interrupt;

  FakeProbe& add(Answer answer, Seen* seen = nullptr) {
    auto probe = std::make_unique<FakeProbe>(std::move(answer), seen);
    FakeProbe& reference = *probe;
    probes.push_back(std::move(probe));
    return reference;
  }
  Report wait() {
    std::vector<Node> all;
    for (std::size_t i = 0; i < probes.size(); ++i) {
      all.push_back(leaf(i));
    }
    Options options;
    options.tree = tree_of(root.value_or(node(Kind::all, all)), probes.size());
    options.timeout = timeout;
    options.interval = interval;
    options.attempt_timeout = attempt_timeout;
    return Waiter::around(std::move(options), std::move(probes))->wait(progress, interrupt);
  }
};

}  // namespace toolkit::waiting::test
