// store://HOST:PORT?workers=N: a PyTorch TCPStore with N workers that have joined; without N, one
// that answers.

#include "rendezvous_target.hpp"
#include "transport.hpp"

#include <toolkit/rendezvous/attendance.hpp>
#include <toolkit/rendezvous/store_reader.hpp>

#include <utility>

namespace toolkit::probe {
namespace {

using rendezvous::Attendance;
using rendezvous::Reading;

class Store : public Probe {
 public:
  explicit Store(const RendezvousTarget& target)
      : workers_(target.workers), reader_(target.endpoint) {}

  void begin(SteadyTime /*now*/, SteadyTime until) override { reader_.begin(until); }
  void collect(std::vector<pollfd>& entries) const override { reader_.collect(entries); }
  SteadyTime next_deadline() const override { return reader_.next_deadline(); }
  void advance(std::span<const pollfd> entries, SteadyTime now) override {
    reader_.advance(entries, now);
  }

  // Each of those who have not come yet is told within 50 ms. A store that answers on a connection
  // that stands is asked for one number; where nobody listens there is nobody to disturb.
  Milliseconds pace() const override { return eager_ ? Milliseconds(40) : kUsualPace; }

  std::optional<Finding> take() override {
    const auto reading = reader_.take();
    if (!reading) {
      return std::nullopt;
    }
    Finding finding = judge(*reading);
    eager_ = finding.reason == Reason::not_yet || finding.reason == Reason::refused;
    return finding;
  }

 private:
  [[nodiscard]] Finding judge(const Reading& reading) const {
    switch (reading.kind) {
      case Reading::Kind::counted:
      case Reading::Kind::uncounted:
        return count(reading);
      case Reading::Kind::unreachable:
        return finding_of(reading.trouble);
      case Reading::Kind::silent:
        return no_answer(reading.connected);
      case Reading::Kind::no_store:
        break;
    }
    return not_a_store();
  }

  [[nodiscard]] Finding count(const Reading& reading) const {
    const bool met = workers_ == 0 || reading.joined >= workers_;
    std::string words = describe(Attendance{.joined = reading.joined, .workers = workers_});
    if (reading.kind == Reading::Kind::uncounted) {
      words += " (the store has no init/)";
    }
    return {.met = met,
            .reason = met ? Reason::none : Reason::not_yet,
            .words = std::move(words),
            .exit_code = {}};
  }

  std::int64_t workers_;
  bool eager_ = true;
  rendezvous::StoreReader reader_;
};

}  // namespace

Made make_store(const condition::Leaf& leaf, const Settings& /*settings*/) {
  const auto target = parse_rendezvous_target(leaf);
  if (!target) {
    return tl::unexpected(target.error());
  }
  return std::make_unique<Store>(*target);
}

}  // namespace toolkit::probe
