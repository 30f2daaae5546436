#pragma once
// What each piece of a transfer passes: the bandwidth limit, and the count of what was sent.

#include "session.hpp"

namespace toolkit::sync {

class CountedFlow : public store::Flow {
 public:
  explicit CountedFlow(Session& session) : session_(session) {}
  Result<void> pass(std::size_t bytes) override {
    TRY(session_.throttle->pass(bytes));
    session_.tally.sent(bytes);
    return {};
  }
  void again(std::size_t bytes) override { session_.throttle->again(bytes); }

 private:
  Session& session_;
};

}  // namespace toolkit::sync
