#include "claim.hpp"

#include "claim_text.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <poll.h>
#include <sys/random.h>

#include <array>
#include <optional>

namespace toolkit::sync {
namespace {

constexpr std::size_t kLimit = 64 << 10;  // of what is read: a claim has less than one
constexpr Milliseconds kLook{1000};       // between two looks while waiting
constexpr int kRaces = 20;                // lost in a row, before we give up

// The bytes of a small file; nothing when there is none.
Result<std::optional<std::string>> read_small(store::Store& store, const std::string& key) {
  auto content = store.open(key, false);
  if (!content) {
    return content.error().kind == ErrorKind::not_found
               ? Result<std::optional<std::string>>(std::nullopt)
               : Failure(std::move(content).error());
  }
  std::string bytes(kLimit, '\0');
  std::size_t size = 0;
  while (size < bytes.size()) {
    TRY_ASSIGN(const std::size_t count, (*content)->read(size, std::span(bytes).subspan(size)));
    size += count;
    if (count == 0 || size >= (*content)->entry().size) {
      break;
    }
  }
  bytes.resize(size);
  return bytes;
}

Result<std::int64_t> mtime_of(store::Store& store, const std::string& key) {
  TRY_ASSIGN(const auto entry, store.stat(key));
  return entry ? entry->mtime : 0;
}

// How long ago the claim was written, both times by the destination's clock; nothing when the
// destination does not tell.
std::optional<Milliseconds> age_of_claim(store::Store& store, const std::string& token) {
  const std::string probe = std::string(kClaimName) + "." + token;
  const auto then = mtime_of(store, kClaimName);
  if (!then || *then == 0 || !store.create_exclusively(probe, "now\n")) {
    return std::nullopt;
  }
  const auto now = mtime_of(store, probe);
  (void)store.remove(probe);
  if (!now || *now == 0) {
    return std::nullopt;
  }
  return std::chrono::duration_cast<Milliseconds>(std::chrono::nanoseconds(*now - *then));
}

Failure held_by(const store::Store& store, const std::string& bytes) {
  const auto holder = parse_claim(bytes);
  std::string message = fmt::format("{} is being written by another sync", store.name_of(""));
  if (holder) {
    message += fmt::format(": host {}, pid {}, since {}", printable(holder->host), holder->pid,
                           printable(holder->since));
  }
  return fail(ErrorKind::conflict, std::move(message),
              fmt::format("let that one end, or give each its own destination; its claim ends {} "
                          "after its last sign of life",
                          format_duration(kClaimEnds)));
}

bool is_conflict(const Result<void>& result) {
  return !result && result.error().kind == ErrorKind::conflict;
}

}  // namespace

std::string random_token() {
  std::array<unsigned char, 16> bytes{};
  (void)!::getrandom(bytes.data(), bytes.size(), 0);
  std::string text;
  for (const unsigned char byte : bytes) {
    text += fmt::format("{:02x}", byte);
  }
  return text;
}

Claim::Claim(store::Store& store, ClaimOptions options)
    : store_(&store), options_(std::move(options)), token_(options_.token) {
  if (token_.empty()) {
    token_ = random_token();
  }
  if (!options_.now) {
    options_.now = [] { return std::chrono::steady_clock::now(); };
  }
  if (!options_.sleep) {
    options_.sleep = [](Milliseconds time) {
      (void)::poll(nullptr, 0, static_cast<int>(time.count()));
      return true;
    };
  }
  since_ = own_claim_text().since;
}

std::string Claim::text() const {
  ClaimText claim = own_claim_text();
  claim.token = token_;
  claim.since = since_;
  claim.renewals = renewals_;
  return to_json(claim);
}

// `watched`: for how long it has not changed before our eyes.
bool Claim::has_ended(const std::string& others, Milliseconds watched) const {
  if (others == store::kNothing) {  // given back where it could not be removed
    return true;
  }
  if (others.empty()) {  // about to be written, or by one who could not
    return watched >= kLook;
  }
  const auto holder = parse_claim(others);
  // With our own token: an earlier try, the answer to which was lost.
  const bool is_known =
      holder && (holder->token == token_ ||
                 (options_.predecessors != nullptr && options_.predecessors->have(holder->token)));
  if (is_known || (holder && is_gone(*holder, own_claim_text())) || watched >= kClaimEnds) {
    return true;
  }
  const auto age = watched.count() == 0 ? age_of_claim(*store_, token_) : std::nullopt;
  return age && *age >= kClaimEnds;
}

// In place of exactly these bytes: of two that think them ended, one comes too late.
Result<bool> Claim::take_over(const std::string& others) {
  const auto replaced = store_->replace_if_same(kClaimName, others, bytes_);
  if (is_conflict(replaced)) {
    return false;
  }
  TRY(replaced);
  return true;
}

Result<Claim> Claim::take(store::Store& store, ClaimOptions options) {
  Claim claim(store, std::move(options));
  const SteadyTime begin = claim.options_.now();
  std::string watched = "nothing yet";
  SteadyTime unchanged_since = begin;
  for (int races = 0; races < kRaces;) {
    const SteadyTime now = claim.renewed_ = claim.options_.now();
    claim.bytes_ = claim.text();
    const auto created = store.create_exclusively(kClaimName, claim.bytes_);
    if (!created && !is_conflict(created)) {
      return Failure(created.error());
    }
    if (created) {
      return claim;
    }
    TRY_ASSIGN(const auto others, read_small(store, kClaimName));
    if (!others) {
      ++races;  // given back since
      continue;
    }
    if (*others != watched) {
      watched = *others;
      unchanged_since = now;
    }
    if (claim.has_ended(*others, std::chrono::floor<Milliseconds>(now - unchanged_since))) {
      TRY_ASSIGN(const bool ours, claim.take_over(*others));
      if (ours) {
        return claim;
      }
      ++races;
      continue;
    }
    const Milliseconds patience = others->empty() ? 2 * kLook : claim.options_.patience;
    if (now - begin + kLook > patience || !claim.options_.sleep(kLook)) {
      return held_by(store, *others);
    }
  }
  return fail(ErrorKind::unavailable,
              "cannot claim " + store.name_of("") + ": too many others try at once");
}

// An answer may have been lost, and the bytes there be ours all the same: then by our token.
Result<void> Claim::replace(const std::string& bytes) {
  auto replaced = store_->replace_if_same(kClaimName, bytes_, bytes);
  if (!is_conflict(replaced)) {
    return replaced;
  }
  TRY_ASSIGN(const auto there, read_small(*store_, kClaimName));
  if (!there) {  // somebody has removed it, and nobody else has claimed
    return bytes.empty() ? Result<void>{} : store_->create_exclusively(kClaimName, bytes);
  }
  const auto holder = parse_claim(*there);
  if (!holder || holder->token != token_) {
    return held_by(*store_, *there);
  }
  return store_->replace_if_same(kClaimName, *there, bytes);
}

Result<void> Claim::renew() {
  const SteadyTime now = options_.now();
  ++renewals_;
  std::string bytes = text();
  TRY(replace(bytes));
  bytes_ = std::move(bytes);
  renewed_ = now;
  return {};
}

bool Claim::has_lapsed() const { return options_.now() - renewed_ >= kClaimEnds - kRenewClaim; }

Result<void> Claim::release() {
  auto released = replace("");
  return is_conflict(released) ? Result<void>{} : released;  // not ours any more: left alone
}

}  // namespace toolkit::sync
