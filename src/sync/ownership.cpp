#include "ownership.hpp"

#include "retry.hpp"

#include <toolkit/base/log.hpp>

namespace toolkit::sync {

Ownership::~Ownership() { end_thread(); }

Result<void> Ownership::take(Session& session) {
  if (session.options.transfer.dry_run || claim_) {
    return {};
  }
  TRY(with_retries(
      session.options.transfer, session.halt,
      [&](const Error& error, Milliseconds pause) { session.tally.retry("", error, pause); },
      [&]() -> Result<void> {
        TRY_ASSIGN(claim_, Claim::take(*session.places.destination));
        return {};
      }));
  thread_ = std::thread([this, &session] { keep_alive(session); });
  return {};
}

void Ownership::keep_alive(Session& session) {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kRenewClaim, [&] { return over_; })) {
    const auto renewed = claim_->renew();
    if (!renewed && (renewed.error().kind == ErrorKind::conflict || claim_->has_lapsed())) {
      lost_ = renewed.error();
      session.halt.abandon();
      return;
    }
    if (!renewed) {
      log_debug("the claim: {}", renewed.error().message);
    }
  }
}

void Ownership::end_thread() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

Result<void> Ownership::give_back() {
  if (!claim_) {
    return {};
  }
  end_thread();
  if (lost_) {
    return Failure(*lost_);
  }
  // What is left behind ends by itself; the next sync on this machine sees that we are gone.
  if (const auto released = claim_->release(); !released) {
    log_debug("the claim: {}", released.error().message);
  }
  claim_.reset();
  return {};
}

}  // namespace toolkit::sync
