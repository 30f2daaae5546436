#pragma once
// The claim on the destination, kept alive while we write there.

#include "claim.hpp"
#include "session.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace toolkit::sync {

/// Error: unavailable, while the claim may be somebody else's.
[[nodiscard]] Result<void> may_write(const Session& session);

class Ownership {
 public:
  /// `renew`: between two signs of life. `claim`: for tests.
  explicit Ownership(Milliseconds renew = kRenewClaim, ClaimOptions claim = {})
      : renew_(renew), options_(std::move(claim)) {}
  Ownership(const Ownership&) = delete;
  Ownership& operator=(const Ownership&) = delete;
  ~Ownership();

  /// Once, whatever the number of calls; renewed by a thread from then on. When it is lost to
  /// somebody else, the session is abandoned. While it cannot be renewed for so long that somebody
  /// may have taken it, nothing may be written: `unavailable`. Nothing for a dry run.
  [[nodiscard]] Result<void> take(Session& session);
  /// The error that ended it, if it was lost. No thread of the session may be at work any more.
  [[nodiscard]] Result<void> give_back(Session& session);

 private:
  void keep_alive(Session& session, Claim& claim);
  void end_thread();

  Milliseconds renew_;
  Predecessors predecessors_;
  ClaimOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::optional<Claim> claim_;
  std::optional<Error> lost_;
  std::thread thread_;
};

}  // namespace toolkit::sync
