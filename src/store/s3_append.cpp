#include "s3_append.hpp"

#include "s3_put.hpp"
#include "s3_text.hpp"

#include <toolkit/base/log.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <future>

namespace toolkit::store {
namespace {

// One request's worth: who reads along sees it grow by so much, and so much goes out again when an
// answer is lost. While one goes out the next is hashed, so the first is a small one; each costs
// the server some milliseconds to commit, so the others are not.
constexpr std::uint64_t kFirstStep = 8ull << 20, kStep = 64ull << 20;
// What nobody has written to for so long belongs to a run that is over: mostly it grows no more.
constexpr std::chrono::seconds kAtRest{60};
constexpr std::uint64_t kSmallAtRest = 1 << 20;
constexpr std::uint64_t kCompared = 1 << 20;
constexpr int kTries = 3;

enum class Outcome { done, again, needs_rebirth, too_many };

class Appender {
 public:
  Appender(const S3Place& place, S3Verdicts& verdicts, S3Append way, const Target& target,
           S3Outlet& outlet)
      : place_(place), verdicts_(verdicts), way_(way), target_(target), outlet_(outlet) {}

  // [offset, target.size), step by step.
  Result<Outcome> run(std::uint64_t offset) {
    bool reborn = false;
    begin_ = offset;
    // An empty file is made too.
    for (std::uint64_t at = offset; at < target_.size || (at == 0 && offset == 0);) {
      const std::uint64_t size = size_at(at);
      TRY_ASSIGN(const Outcome outcome, step(at, size));
      if (outcome == Outcome::too_many || (outcome == Outcome::needs_rebirth && reborn)) {
        return Outcome::too_many;
      }
      if (outcome == Outcome::needs_rebirth) {
        TRY(rebirth(at));
        reborn = true;
        continue;
      }
      if (size == 0) {
        break;
      }
      at += size;
    }
    return Outcome::done;
  }

 private:
  [[nodiscard]] S3Request request_at(std::uint64_t at) const {
    S3Request made;
    made.what = place_.cannot("append to", target_.key);
    made.method = "PUT";
    made.key = place_.object(target_.key);
    made.repeatable = false;
    made.fields.emplace_back(kTimeField, time_text(target_.mtime));
    if (way_ == S3Append::position) {
      made.query = {{"append", ""}, {"position", std::to_string(at)}};
    } else if (at > 0) {
      made.fields.emplace_back("x-amz-write-offset-bytes", std::to_string(at));
    } else {
      made.fields.emplace_back("If-None-Match", "*");  // the first bytes are a plain PUT
    }
    return made;
  }

  Result<Outcome> step(std::uint64_t at, std::uint64_t size) {
    S3Request made = request_at(at);
    S3Body body(outlet_, at, size);
    TRY_ASSIGN(const auto digests, digests_at(at));
    body.attach(made, digests);
    hash_ahead(at + size);
    for (int tried = 1;; ++tried) {
      const auto answer = place_.client->send(made);
      if (answer && answer->is_good()) {
        return Outcome::done;
      }
      auto outcome = judge(answer, at, size);
      if (outcome && *outcome == Outcome::again && tried == kTries) {
        outcome = tl::unexpected(answer ? write_error(*answer, made.what) : answer.error());
      }
      if (!outcome || *outcome != Outcome::done) {
        body.take_back();
      }
      if (!outcome || *outcome != Outcome::again) {
        return outcome;
      }
      TRY(place_.pause(tried));
    }
  }

  [[nodiscard]] std::uint64_t size_at(std::uint64_t at) const {
    const std::uint64_t left = target_.size - at;
    return at == begin_ && left > kFirstStep ? kFirstStep : std::min(kStep, left);
  }

  void hash_ahead(std::uint64_t at) {
    if (at < target_.size) {
      hashed_at_ = at;
      hashed_ =
          std::async(std::launch::async | std::launch::deferred, [this, at] { return hash(at); });
    }
  }
  [[nodiscard]] Result<S3Body::Digests> hash(std::uint64_t at) const {
    return S3Body(outlet_, at, size_at(at)).hash(place_.client->uses_tls(), false);
  }

  // The first step, and one that is tried again after a rebirth, were not hashed ahead.
  Result<S3Body::Digests> digests_at(std::uint64_t at) {
    return hashed_.valid() && hashed_at_ == at ? hashed_.get() : hash(at);
  }

  // What a bad answer, or none, means: only the object itself can say.
  Result<Outcome> judge(const Result<S3Answer>& answer, std::uint64_t at, std::uint64_t size) {
    const std::string what = place_.cannot("append to", target_.key);
    const Error error = answer ? write_error(*answer, what) : answer.error();
    if (answer && answer->code == "TooManyParts") {
      return Outcome::too_many;
    }
    const bool wrong_offset = answer && answer->code == "InvalidWriteOffset";
    if (error.kind != ErrorKind::unavailable && error.kind != ErrorKind::conflict &&
        !wrong_offset) {
      return tl::unexpected(error);
    }
    TRY_ASSIGN(const auto entry, look(place_, target_.key));
    const std::uint64_t there = entry ? entry->size : 0;
    if (entry && there == at + size && size > 0) {
      TRY_ASSIGN(const bool same, has_same_bytes(place_, target_.key, at, size, outlet_));
      if (same) {
        return Outcome::done;  // the answer was lost, not the bytes
      }
    }
    if (there != at) {
      return not_so_long(place_, target_.key, there, at);
    }
    // Ceph: born by a PUT; or a copy whose sibling has grown, with which it shares the names of its
    // parts (said as BucketAlreadyExists).
    if (answer && (answer->code == "ObjectNotAppendable" || answer->code == "BucketAlreadyExists" ||
                   answer->status == 412)) {
      return Outcome::needs_rebirth;
    }
    return Outcome::again;
  }

  // What is there becomes an object that can grow.
  Result<void> rebirth(std::uint64_t size) {
    if (size == 0) {
      return remove_object(place_, target_.key);
    }
    TRY_ASSIGN(const auto before, look(place_, target_.key));
    if (!before || before->size != size) {
      return not_so_long(place_, target_.key, before ? before->size : 0, size);
    }
    log_debug("{} was not made to grow: {} bytes are sent once more", place_.name_of(target_.key),
              size);
    TRY_ASSIGN(const std::string beside, fresh_key("grows"));
    auto done = fill(beside, size, *before);
    auto gone = remove_object(place_, beside);
    return done ? gone : done;
  }

  Result<void> fill(const std::string& beside, std::uint64_t size, const Entry& before) {
    const Target draft{beside, size, target_.mtime, 0};
    TRY_ASSIGN(const Outcome outcome, Appender(place_, verdicts_, way_, draft, outlet_).run(0));
    {
      const std::lock_guard lock(outlet_.passing);
      outlet_.flow.again(static_cast<std::size_t>(size));
    }
    TRY_ASSIGN(const auto entry, look(place_, beside));
    TRY_ASSIGN(const auto now, look(place_, target_.key));
    if (outcome != Outcome::done || !entry || entry->size != size || !now ||
        now->tag != before.tag) {
      return fail(ErrorKind::conflict,
                  place_.cannot("append to", target_.key) + ": it changed meanwhile");
    }
    return copy_object(place_, verdicts_, beside, *entry, target_.key, outlet_.flow);
  }

  const S3Place& place_;
  S3Verdicts& verdicts_;
  S3Append way_;
  const Target& target_;
  S3Outlet& outlet_;
  std::uint64_t begin_ = 0, hashed_at_ = 0;
  std::future<Result<S3Body::Digests>> hashed_;  // its end is waited for
};

// Then a PUT makes it: the gateway of Ceph needs a third more of its time for an append (2.2 ms
// against 1.6 ms of both its daemons for 4 KiB). Should it grow all the same, it is born again
// once.
bool is_at_rest(const Target& target) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return target.mtime > 0 && target.size > 0 && target.size <= kSmallAtRest &&
         now - std::chrono::nanoseconds(target.mtime) > kAtRest;
}

}  // namespace

Failure not_so_long(const S3Place& place, const std::string& key, std::uint64_t there,
                    std::uint64_t wanted) {
  return fail(ErrorKind::conflict, fmt::format("{}: it is {} bytes long, not {}",
                                               place.cannot("append to", key), there, wanted));
}

Result<bool> has_same_bytes(const S3Place& place, const std::string& key, std::uint64_t from,
                            std::uint64_t size, S3Outlet& outlet) {
  std::string ours;
  for (std::uint64_t at = 0; at < size; at += kCompared) {
    const std::uint64_t wanted = std::min(kCompared, size - at);
    TRY_ASSIGN(const std::string theirs, read_range(place, key, from + at, wanted, {}));
    ours.resize(wanted);
    for (std::size_t have = 0; have < wanted;) {
      const std::lock_guard lock(outlet.reading);
      TRY_ASSIGN(const std::size_t got,
                 outlet.content.read(from + at + have, {ours.data() + have, wanted - have}));
      if (got == 0) {
        return false;
      }
      have += got;
    }
    if (ours != theirs) {
      return false;
    }
  }
  return true;
}

Result<void> append_object(const S3Place& place, S3Verdicts& verdicts, const Target& target,
                           std::uint64_t offset, S3Outlet& outlet, std::string& memo) {
  if (offset == 0 && is_at_rest(target)) {
    TRY_ASSIGN(const bool made, put_new(place, verdicts, target, outlet));
    if (made) {
      return {};
    }
  }
  TRY_ASSIGN(const S3Append way, verdicts.append(target.key, offset));
  if (way != S3Append::none) {
    TRY_ASSIGN(const Outcome outcome, Appender(place, verdicts, way, target, outlet).run(offset));
    if (outcome == Outcome::done) {
      return {};
    }
    // This object has been appended to as often as it can (10,000 times at S3 Express).
    TRY_ASSIGN(const auto entry, look(place, target.key));
    offset = entry ? entry->size : 0;
  }
  return append_by_rebuilding(place, verdicts, target, offset, outlet, memo);
}

}  // namespace toolkit::store
