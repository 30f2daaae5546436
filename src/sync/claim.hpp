#pragma once
// One sync for one destination: a small file at its root says who writes there. A second one would
// interleave its bytes with the first one's.
//
// A claim has ended when its process is gone (same machine, start and PID namespace; or an earlier
// owner of our journal), or when it was not renewed for a minute. Clocks of two machines are never
// compared: its age is taken between two times that the destination gave (the claim's and that of a
// file made just now), or by watching it.

#include "predecessors.hpp"

#include <toolkit/base/duration.hpp>
#include <toolkit/store/store.hpp>

#include <functional>
#include <string>

namespace toolkit::sync {

constexpr const char* kClaimName = ".toolkit-sync-claim";
constexpr Milliseconds kRenewClaim{10'000};
constexpr Milliseconds kClaimEnds{60'000};

[[nodiscard]] std::string random_token();

struct ClaimOptions {
  Milliseconds patience{0};  // how long to wait for somebody else's to end
  // For tests. `sleep` answers false to give up.
  std::function<SteadyTime()> now{};
  std::function<bool(Milliseconds)> sleep{};
  std::string token{};                         // of several tries; empty: one at random
  const Predecessors* predecessors = nullptr;  // borrowed, when there is a journal
};

class Claim {
 public:
  /// Errors: conflict, naming host, PID and since when; those of the store. `store` is borrowed.
  [[nodiscard]] static Result<Claim> take(store::Store& store, ClaimOptions options = {});
  Claim(Claim&&) noexcept = default;
  Claim& operator=(Claim&&) noexcept = default;

  /// To be called every kRenewClaim. `conflict`: it is somebody else's now, nothing more may be
  /// written. Other errors are worth another try until has_lapsed().
  [[nodiscard]] Result<void> renew();
  /// Whether it was not renewed for so long that somebody else may have taken it.
  [[nodiscard]] bool has_lapsed() const;
  /// Removes it if it is ours.
  [[nodiscard]] Result<void> release();

 private:
  Claim(store::Store& store, ClaimOptions options);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] Result<bool> take_over(const std::string& others);
  [[nodiscard]] bool has_ended(const std::string& others, Milliseconds watched) const;
  [[nodiscard]] Result<void> replace(const std::string& bytes);

  store::Store* store_;
  ClaimOptions options_;
  std::string token_;  // ours alone
  std::string since_;
  std::string bytes_;  // what we wrote last
  std::uint64_t renewals_ = 0;
  SteadyTime renewed_;
};

}  // namespace toolkit::sync
