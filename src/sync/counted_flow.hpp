#pragma once
// What each piece of a transfer passes: the bandwidth limit, and the count of what was sent.

#include "session.hpp"

#include <algorithm>

namespace toolkit::sync {

class CountedFlow : public store::Flow {
 public:
  explicit CountedFlow(Session& session) : session_(session) {}
  Result<void> pass(std::size_t bytes) override {
    if (session_.throttle->is_needed()) {
      TRY(session_.throttle->pass(bytes));
    }
    if (session_.halt.ending()) {
      return fail(ErrorKind::interrupted, "the transfer was stopped");
    }
    if (!session_.throttle->is_needed()) {
      session_.throttle->count(bytes);
    }
    session_.tally.sent(bytes);
    return {};
  }
  // A tenth of a second's worth under a bandwidth limit.
  [[nodiscard]] std::size_t largest_piece() const override {
    const std::uint64_t rate = session_.options.transfer.bandwidth;
    return rate == 0 ? store::Flow::largest_piece()
                     : std::clamp<std::size_t>(rate / 10, 4'096, store::Flow::largest_piece());
  }
  void again(std::size_t bytes) override { session_.throttle->again(bytes); }

 private:
  Session& session_;
};

}  // namespace toolkit::sync
