#include "s3_probe.hpp"

#include "s3_text.hpp"

#include <toolkit/base/log.hpp>

namespace toolkit::store {
namespace {

constexpr std::string_view kHead = "toolkit ", kTail = "tries this";

// A throw-away object, with what is asked of the server on it.
class Trial {
 public:
  Trial(const S3Place& place, std::string key) : place_(place), key_(std::move(key)) {}
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;
  ~Trial() {
    if (!made_) {
      return;
    }
    if (const auto gone = place_.demand(request("DELETE")); !gone) {
      log_warn("{} is left over: {}", place_.name_of(key_), gone.error().message);
    }
  }

  [[nodiscard]] S3Request request(const char* method) const {
    S3Request made;
    made.what = place_.cannot("try out", key_);
    made.method = method;
    made.key = place_.object(key_);
    return made;
  }
  Result<S3Answer> put(std::string_view bytes, S3Query query, net::HttpFields fields) {
    S3Request made = request("PUT");
    made.query = std::move(query);
    made.fields = std::move(fields);
    made.bytes = bytes;
    auto answer = place_.send(made);
    made_ = made_ || !answer || answer->is_good();  // an answer that was lost may have been good
    return answer;
  }
  // Whether a DELETE with a condition that does not hold is refused; else it is gone by that.
  bool survives_wrong_tag() {
    S3Request made = request("DELETE");
    made.fields = {{"If-Match", "\"00000000000000000000000000000000\""}};
    const auto answer = place_.send(made);
    made_ = made_ && !(answer && answer->is_good());
    return answer && answer->status == 412;
  }
  [[nodiscard]] Result<bool> holds(const std::string& bytes) const {
    TRY_ASSIGN(const auto object, read_small(place_, key_));
    return object && object->bytes == bytes;
  }

 private:
  const S3Place& place_;
  std::string key_;
  bool made_ = false;
};

// Nothing when we were refused: whoever may not write here now, may be allowed to later.
using Verdict = std::optional<bool>;

bool is_refusal(const S3Answer& answer) {
  return answer.status == 401 || answer.status == 403 || answer.status == 404;
}

// Ceph tells the position of the next append, and nobody else does.
bool is_next(const S3Answer& answer, std::uint64_t position) {
  return answer.field("x-rgw-next-append-position") == std::to_string(position);
}

// The head by the first fields, the tail behind it by the others, and what is there then.
Result<Verdict> grows(Trial& trial, const S3Query& first_query, const S3Query& query,
                      const net::HttpFields& fields) {
  TRY_ASSIGN(const auto born, trial.put(kHead, first_query, {}));
  if (is_refusal(born)) {
    return std::nullopt;
  }
  if (!born.is_good() || (!first_query.empty() && !is_next(born, kHead.size()))) {
    return false;
  }
  TRY_ASSIGN(const auto answer, trial.put(kTail, query, fields));
  if (!answer.is_good()) {
    return false;
  }
  TRY_ASSIGN(const bool grown, trial.holds(std::string(kHead) + std::string(kTail)));
  return grown;
}

}  // namespace

Result<std::optional<S3Append>> S3Verdicts::try_append() const {
  TRY_ASSIGN(auto key, fresh_key("probe"));
  Trial trial(place_, std::move(key));
  const std::string end = std::to_string(kHead.size());
  // Directory buckets have their kind in their name (S3 User Guide, "Directory bucket naming
  // rules"), and nothing else has offsets.
  const bool express = place_.bucket.ends_with("--x-s3");
  TRY_ASSIGN(const Verdict proved, express
                                       ? grows(trial, {}, {}, {{"x-amz-write-offset-bytes", end}})
                                       : grows(trial, {{"append", ""}, {"position", "0"}},
                                               {{"append", ""}, {"position", end}}, {}));
  if (!proved) {
    return std::nullopt;
  }
  return !*proved ? S3Append::none : express ? S3Append::offset : S3Append::position;
}

bool S3Verdicts::is_appendable(const std::string& key, std::uint64_t size) const {
  if (size == 0) {
    return false;
  }
  S3Request made;
  made.what = place_.cannot("look at", key);
  made.method = "HEAD";
  made.key = place_.object(key);
  const auto answer = place_.send(made);
  return answer && answer->is_good() && is_next(*answer, size);
}

Result<S3Append> S3Verdicts::append(const std::string& key, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  if (!append_ && is_appendable(key, size)) {
    append_ = S3Append::position;
  }
  if (!append_) {
    TRY_ASSIGN(append_, try_append());
    log_debug("appends to {}: {}", place_.client->endpoint(),
              append_ == S3Append::position ? "by position"
              : append_ == S3Append::offset ? "by offset"
                                            : "none of its own");
  }
  return append_.value_or(S3Append::none);
}

Result<bool> S3Verdicts::try_exclusive() {
  TRY_ASSIGN(auto key, fresh_key("probe"));
  Trial trial(place_, std::move(key));
  const std::string what = trial.request("PUT").what;
  TRY_ASSIGN(const auto first, trial.put(kHead, {}, {{"If-None-Match", "*"}}));
  if (first.status == 501 || first.status == 400) {
    return false;
  }
  if (!first.is_good()) {
    return tl::unexpected(error_of(first, what));
  }
  TRY_ASSIGN(const auto second, trial.put(kTail, {}, {{"If-None-Match", "*"}}));
  if (!second.is_good() && second.status != 412 && second.status != 409) {
    return tl::unexpected(error_of(second, what));
  }
  removes_if_same_ = trial.survives_wrong_tag();
  return !second.is_good();
}

Result<bool> S3Verdicts::creates_exclusively() {
  const std::lock_guard lock(mutex_);
  if (!exclusive_) {
    TRY_ASSIGN(exclusive_, try_exclusive());
  }
  return *exclusive_;
}

bool S3Verdicts::confirms(std::string_view tag, std::string_view md5) {
  const auto there = tag_md5(tag);
  if (there && *there == md5) {
    tags_are_md5_ = true;
    return true;
  }
  return !(there && tags_are_md5_);
}

}  // namespace toolkit::store
