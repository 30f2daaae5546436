// barrier://[HOST]:PORT?workers=N: hosts a rendezvous, a TCPStore that torch processes and join:
// come to. It is met when all N have joined and have gone: shells after they were told, torch
// processes when they end, for which it serves until then.

#include "rendezvous_target.hpp"

#include <toolkit/rendezvous/barrier.hpp>

#include <fmt/core.h>

namespace toolkit::probe {
namespace {

using rendezvous::Barrier;
using rendezvous::BarrierOptions;

class Hosting : public Probe {
 public:
  explicit Hosting(BarrierOptions options) : options_(std::move(options)) {}

  void begin(SteadyTime /*now*/, SteadyTime /*until*/) override {
    open_ = true;
    if (!barrier_) {
      listen();
    }
  }
  void collect(std::vector<pollfd>& entries) const override {
    if (barrier_) {
      barrier_->collect(entries);
    }
  }
  SteadyTime next_deadline() const override {
    return barrier_ ? barrier_->next_deadline() : SteadyTime::max();
  }
  void advance(std::span<const pollfd> entries, SteadyTime now) override {
    if (barrier_) {
      barrier_->advance(entries, now);
    }
  }

  std::optional<Finding> take() override {
    if (!open_) {
      return std::nullopt;
    }
    open_ = false;
    told_ = now_told();
    return barrier_ ? count() : trouble_;
  }

  bool stirred() const override { return !open_ && told_ != now_told(); }
  bool tells_all() const override { return barrier_ != nullptr; }

 private:
  // What the words and the verdict depend on.
  struct Told {
    rendezvous::Attendance attendance;
    std::size_t present = 0;
    bool over = false;
    friend bool operator==(const Told&, const Told&) = default;
  };

  [[nodiscard]] Told now_told() const {
    return barrier_ ? Told{barrier_->attendance(), barrier_->present(), barrier_->is_over()}
                    : Told{};
  }

  // The port may be free later; another address of this machine may not come.
  void listen() {
    auto barrier = Barrier::listen(options_);
    if (barrier) {
      barrier_ = std::move(*barrier);
      return;
    }
    const bool none = barrier.error().kind == ErrorKind::usage;
    trouble_ = {.final = none,
                .reason = none ? Reason::name : Reason::busy,
                .words = barrier.error().message,
                .exit_code = {}};
  }

  [[nodiscard]] Finding count() const {
    std::string words = describe(told_.attendance);
    if (told_.over) {
      return {.met = true, .final = true, .words = std::move(words), .exit_code = {}};
    }
    if (told_.attendance.complete()) {
      words += fmt::format(", {} still connected", told_.present);
    }
    return {.reason = Reason::not_yet, .words = std::move(words), .exit_code = {}};
  }

  BarrierOptions options_;
  std::unique_ptr<Barrier> barrier_;
  Finding trouble_;
  Told told_;
  bool open_ = false;
};

}  // namespace

Made make_barrier(const condition::Leaf& leaf, const Settings& /*settings*/) {
  const auto target = parse_rendezvous_target(leaf, true);
  if (!target) {
    return tl::unexpected(target.error());
  }
  if (target->workers == 0) {
    return mistake(leaf, leaf.target, "barrier: how many workers?",
                   "as in barrier://:29500?workers=8");
  }
  return std::make_unique<Hosting>(BarrierOptions{
      .host = target->endpoint.host, .port = target->endpoint.port, .workers = target->workers});
}

}  // namespace toolkit::probe
