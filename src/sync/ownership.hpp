#pragma once
// The claim on the destination, kept alive while we write there.

#include "claim.hpp"
#include "session.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace toolkit::sync {

class Ownership {
 public:
  Ownership() = default;
  Ownership(const Ownership&) = delete;
  Ownership& operator=(const Ownership&) = delete;
  ~Ownership();

  /// Once, whatever the number of calls; renewed by a thread from then on. When it is lost to
  /// somebody else, the session is abandoned. Nothing for a dry run.
  [[nodiscard]] Result<void> take(Session& session);
  /// The error that ended it, if it was lost.
  [[nodiscard]] Result<void> give_back();

 private:
  void keep_alive(Session& session);
  void end_thread();

  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::optional<Claim> claim_;
  std::optional<Error> lost_;
  std::thread thread_;
};

}  // namespace toolkit::sync
