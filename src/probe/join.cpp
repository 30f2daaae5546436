// join://HOST:PORT: joins a rendezvous as one of its workers, and waits for the others. At a
// barrier of ours; with ?workers=N at the TCPStore of a torch job too.

#include "rendezvous_target.hpp"
#include "transport.hpp"

#include <toolkit/rendezvous/join.hpp>

#include <fmt/core.h>

#include <optional>

namespace toolkit::probe {
namespace {

using State = rendezvous::Join::State;

class Joining : public Probe {
 public:
  explicit Joining(const RendezvousTarget& target)
      : join_({.host = target.endpoint, .workers = target.workers}) {}

  void begin(SteadyTime /*now*/, SteadyTime until) override {
    until_ = until;
    open_ = true;
    join_.begin();
  }
  void collect(std::vector<pollfd>& entries) const override { join_.collect(entries); }
  SteadyTime next_deadline() const override {
    return open_ ? std::min(until_, join_.next_deadline()) : join_.next_deadline();
  }

  void advance(std::span<const pollfd> entries, SteadyTime now) override {
    join_.advance(entries, now);
    if (open_ && now >= until_ && join_.state() == State::connecting) {
      silent_ = no_answer(join_.is_connected());
      join_.give_up();
    }
  }

  std::optional<Finding> take() override {
    if (!open_ || join_.state() == State::connecting) {
      return std::nullopt;
    }
    open_ = false;
    told_ = join_.state();
    auto silent = std::exchange(silent_, std::nullopt);
    return silent && told_ == State::unreachable ? std::move(*silent) : judge();
  }

  // What comes between attempts: the last one has joined, or the connection broke.
  bool stirred() const override { return !open_ && join_.state() != told_; }
  bool tells_all() const override { return join_.state() == State::waiting; }

 private:
  [[nodiscard]] Finding judge() const {
    switch (join_.state()) {
      case State::complete:
        return {.met = true, .final = true, .words = describe(join_.attendance()), .exit_code = {}};
      case State::unreachable:
        return finding_of(join_.trouble());
      case State::no_store:
        return not_a_store();
      case State::no_workers:
        return {.final = true,
                .reason = Reason::protocol,
                .words = "the store does not say how many workers there are: give workers=N",
                .exit_code = {}};
      case State::lost:
        return {.final = true,
                .reason = Reason::unknown,
                .words = "the connection broke while joining: whether it counted is unknown",
                .exit_code = {}};
      case State::connecting:
      case State::waiting:
        break;
    }
    return {.reason = Reason::not_yet,
            .words = fmt::format("{}, as number {}", describe(join_.attendance()), join_.number()),
            .exit_code = {}};
  }

  rendezvous::Join join_;
  SteadyTime until_ = SteadyTime::max();
  bool open_ = false;
  State told_ = State::connecting;
  std::optional<Finding> silent_;
};

}  // namespace

Made make_join(const condition::Leaf& leaf, const Settings& /*settings*/) {
  const auto target = parse_rendezvous_target(leaf);
  if (!target) {
    return tl::unexpected(target.error());
  }
  return std::make_unique<Joining>(*target);
}

}  // namespace toolkit::probe
