#include "ownership.hpp"

#include "alarm.hpp"
#include "retry.hpp"

#include <toolkit/base/log.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::sync {
namespace {

constexpr Milliseconds kLookAgain{1'000};  // whether the place is back

}  // namespace

Result<void> may_write(const Session& session) {
  if (session.may_write) {
    return {};
  }
  return fail(ErrorKind::unavailable,
              fmt::format("the claim on {} could not be renewed, somebody else may write there",
                          session.places.destination->name_of("")));
}

Ownership::~Ownership() { end_thread(); }

Result<void> Ownership::take(Session& session) {
  if (session.options.transfer.dry_run) {
    return {};
  }
  if (thread_.joinable()) {
    return may_write(session);
  }
  const Options& what = session.options;
  options_.token = options_.token.empty() ? random_token() : options_.token;
  if (!what.journal_directory.empty() && options_.predecessors == nullptr) {
    predecessors_ = Predecessors(
        journal_path(what.journal_directory, what.sources, what.destination) + ".claims");
    predecessors_.note(options_.token);
    options_.predecessors = &predecessors_;
  }
  TRY(with_retries(
      session.options.transfer, session.halt,
      [&](const Error& error, Milliseconds pause) { session.tally.retry("", error, pause); },
      [&]() -> Result<void> {
        TRY_ASSIGN(claim_, Claim::take(*session.places.destination, options_));
        return {};
      }));
  if (claim_) {
    thread_ = std::thread([this, &session, &claim = *claim_] { keep_alive(session, claim); });
  }
  return {};
}

// An outage may last for hours and ends nothing: whether somebody else has come is seen when the
// place answers again, and until then nothing is written.
void Ownership::keep_alive(Session& session, Claim& claim) {
  std::unique_lock lock(mutex_);
  const auto pause = [&] { return session.may_write ? renew_ : std::min(renew_, kLookAgain); };
  while (!changed_.wait_for(lock, pause(), [&] { return over_; })) {
    lock.unlock();  // the place may be silent for long
    const auto renewed = claim.renew();
    lock.lock();
    if (!renewed && renewed.error().kind == ErrorKind::conflict) {
      lost_ = renewed.error();
      session.halt.abandon();
      return;
    }
    if (!renewed) {
      log_debug("the claim: {}", renewed.error().message);
    }
    session.may_write = renewed || !claim.has_lapsed();
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

Result<void> Ownership::give_back(Session& session) {
  if (!claim_) {
    return {};
  }
  end_thread();
  if (lost_) {
    return Failure(*lost_);
  }
  // Also after the time was over, though not for long. What is left behind ends by itself; the next
  // sync on this machine sees that we are gone.
  session.halt.let_stores_answer();
  const Alarm enough(std::chrono::steady_clock::now() + kGoodbye, [&] { session.halt.abandon(); });
  if (const auto released = claim_->release(); !released) {
    log_debug("the claim: {}", released.error().message);
  }
  claim_.reset();
  return {};
}

}  // namespace toolkit::sync
