#include "s3_credentials.hpp"

#include "credential_sources.hpp"

#include <toolkit/base/log.hpp>

#include <fmt/core.h>

#include <mutex>

namespace toolkit::store {
namespace {

constexpr std::chrono::minutes kRenewBefore{5};
// After a failure others wait so long before they ask again: many threads, one IMDS.
constexpr std::chrono::seconds kRest{2};
// An early renewal that failed is tried anew after this, while the old key is still good.
constexpr std::chrono::seconds kEarlyRest{30};

SteadyTime now_steady() { return std::chrono::steady_clock::now(); }

bool lasts(const S3Credentials& key, std::chrono::seconds still) {
  return !key.expires || *key.expires - std::chrono::system_clock::now() > still;
}

std::string joined(const std::vector<std::string>& notes) {
  std::string text;
  for (const std::string& note : notes) {
    text += (text.empty() ? "" : "; ") + note;
  }
  return text;
}

Finding search_all(Search& search) {
  using Source = Finding (*)(Search&);
  constexpr Source kOrder[] = {from_environment, from_web_identity, from_profile, from_container,
                               from_instance};
  // A profile that was named by an option is what is wanted, whatever the environment has.
  if (!search.settings.s3.profile.empty()) {
    return from_profile(search);
  }
  for (const Source source : kOrder) {
    auto found = source(search);
    if (!found || *found) {
      return found;
    }
  }
  return std::nullopt;
}

// `had_some`: what was there once comes back, as a metadata service that is restarted.
Result<S3Credentials> find_credentials(const Settings& settings, bool had_some) {
  Search search{settings, {}};
  auto found = search_all(search);
  if (!found) {
    return Failure(std::move(found).error());
  }
  if (*found) {
    return std::move(**found);
  }
  return fail(had_some ? ErrorKind::unavailable : ErrorKind::denied,
              fmt::format("no credentials were found: {}", joined(search.tried)),
              "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE");
}

class Chain : public S3CredentialsChain {
 public:
  explicit Chain(const Settings& settings) : settings_(settings) {}

  Result<S3Credentials> get() override {
    const std::scoped_lock lock(mutex_);
    if (current_ && (lasts(*current_, kRenewBefore) ||
                     (now_steady() < next_try_ && lasts(*current_, std::chrono::seconds(0))))) {
      return *current_;
    }
    if (failure_ && now_steady() < next_try_) {
      return Failure(*failure_);
    }
    return renew();
  }

  void forget(const S3Credentials& refused) override {
    const std::scoped_lock lock(mutex_);
    if (current_ && current_->access_key == refused.access_key &&
        current_->session_token == refused.session_token) {
      current_.reset();
      next_try_ = {};
    }
  }

 private:
  Result<S3Credentials> renew() {
    failure_.reset();
    auto found = find_credentials(settings_, had_some_);
    if (found) {
      current_ = *found;
      had_some_ = true;
      // Handed out shortly before its end, as by caches that renew late: not at every request.
      next_try_ = now_steady() + kEarlyRest;
      log_debug("credentials of {}", found->source);
      return found;
    }
    if (current_ && lasts(*current_, std::chrono::seconds(0))) {
      log_debug("credentials cannot be renewed yet: {}", found.error().message);
      next_try_ = now_steady() + kEarlyRest;
      return *current_;
    }
    failure_ = found.error();
    if (failure_->kind == ErrorKind::interrupted) {
      return Failure(*std::exchange(failure_, std::nullopt));
    }
    next_try_ = now_steady() + kRest;
    return Failure(*failure_);
  }

  Settings settings_;
  std::mutex mutex_;
  std::optional<S3Credentials> current_;
  std::optional<Error> failure_;
  SteadyTime next_try_{};
  bool had_some_ = false;
};

}  // namespace

std::unique_ptr<S3CredentialsChain> S3CredentialsChain::make(const Settings& settings) {
  return std::make_unique<Chain>(settings);
}

}  // namespace toolkit::store
