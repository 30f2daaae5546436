#include "s3_claims.hpp"

#include "s3_append.hpp"
#include "s3_xml.hpp"

#include <toolkit/base/log.hpp>

namespace toolkit::store {
namespace {

constexpr int kTries = 3;

S3Request write_of(const S3Place& place, const std::string& key, std::string_view bytes,
                   net::HttpFields fields) {
  S3Request made;
  const bool fields_are_none = fields.empty();
  made.what = place.cannot("write", key);
  made.method = "PUT";
  made.key = place.object(key);
  made.bytes = bytes;
  made.fields = std::move(fields);
  made.repeatable = fields_are_none;  // what has a condition meets itself the second time
  return made;
}

bool is_refused(const S3Answer& answer) { return answer.status == 412 || answer.status == 409; }

Failure taken(const S3Place& place, const std::string& key) {
  return fail(ErrorKind::conflict, place.cannot("create", key) + ": it is there already");
}

Result<bool> holds(const S3Place& place, const std::string& key, std::string_view bytes) {
  TRY_ASSIGN(const auto there, read_small(place, key));
  return there && there->bytes == bytes;
}

Result<void> create_by_condition(const S3Place& place, const std::string& key,
                                 std::string_view bytes) {
  const S3Request made = write_of(place, key, bytes, {{"If-None-Match", "*"}});
  bool lost = false;  // an answer: then a refusal may be the echo of our own success
  for (int tried = 1;; ++tried) {
    const auto answer = place.client->send(made);
    if (answer && is_refused(*answer) && !lost) {
      return taken(place, key);
    }
    if (answer && (answer->is_good() || is_refused(*answer))) {
      TRY_ASSIGN(const bool ours, holds(place, key, bytes));
      return ours ? Result<void>{} : taken(place, key);
    }
    Error error = answer ? error_of(*answer, made.what) : answer.error();
    if (error.kind != ErrorKind::unavailable || tried == kTries) {
      return tl::unexpected(std::move(error));
    }
    lost = true;
    TRY(place.pause(tried));
  }
}

// How many objects there are whose keys begin like this one: the thing itself, and candidates.
Result<std::size_t> count_like(const S3Place& place, const std::string& key) {
  S3Request made;
  made.what = place.cannot("look at", key);
  made.query = {{"list-type", "2"}, {"prefix", place.object(key)}, {"encoding-type", "url"}};
  TRY_ASSIGN(const auto answer, place.demand(made));
  auto page = parse_object_page(answer.body);
  if (!page) {
    return fail(ErrorKind::failed, made.what + ": " + page.error().message);
  }
  std::size_t count = 0;
  for (const S3Object& object : page->objects) {
    count += object.key == place.object(key) ||
                     object.key.starts_with(place.object(key) + ".toolkit-sync-candidate-")
                 ? 1
                 : 0;
  }
  return count;
}

Result<void> create_by_candidates(const S3Place& place, const std::string& key,
                                  std::string_view bytes) {
  for (int tried = 1;; ++tried) {
    TRY_ASSIGN(const std::string name, fresh_key("candidate"));
    const std::string candidate = key + name;  // behind the key: one listing shows both
    TRY(place.demand(write_of(place, candidate, bytes, {})));
    const auto seen = count_like(place, key);
    auto done = !seen ? Result<void>(tl::unexpected(seen.error()))
                : *seen == 1
                    ? place.demand(write_of(place, key, bytes, {})).map([](const S3Answer&) {})
                    : taken(place, key);
    auto gone = remove_object(place, candidate);
    if (done && gone) {
      TRY_ASSIGN(const bool ours, holds(place, key, bytes));
      return ours ? Result<void>{} : taken(place, key);
    }
    if (done) {
      return gone;
    }
    TRY_ASSIGN(const auto owner, look(place, key));
    if (done.error().kind != ErrorKind::conflict || owner || tried == kTries) {
      return done;  // else all of us have withdrawn
    }
    TRY(place.pause(tried));
  }
}

bool removed(const S3Place& place, const std::string& key, const std::string& tag) {
  S3Request made;
  made.what = place.cannot("remove", key);
  made.method = "DELETE";
  made.key = place.object(key);
  made.fields = {{"If-Match", "\"" + tag + "\""}};
  const auto answer = place.send(made);
  return answer && answer->is_good();
}

}  // namespace

Result<void> create_exclusively(const S3Place& place, S3Verdicts& verdicts, const std::string& key,
                                std::string_view bytes) {
  TRY_ASSIGN(const auto owner, look(place, key));
  if (owner) {  // mostly so, and then nothing has to be tried out
    return taken(place, key);
  }
  TRY_ASSIGN(const bool proved, verdicts.creates_exclusively());
  return proved ? create_by_condition(place, key, bytes) : create_by_candidates(place, key, bytes);
}

Result<void> replace_if_same(const S3Place& place, const S3Verdicts& verdicts,
                             const std::string& key, std::string_view old_bytes,
                             std::string_view new_bytes) {
  const auto changed = [&] {
    return fail(ErrorKind::conflict, place.cannot("replace", key) + ": it has changed");
  };
  TRY_ASSIGN(const auto there, read_small(place, key));
  if (!there || there->bytes != old_bytes) {
    return changed();
  }
  if (new_bytes.empty() && verdicts.removes_if_same() && removed(place, key, there->entry.tag)) {
    return {};
  }
  if (new_bytes.empty()) {
    new_bytes = kNothing;  // Ceph removes whatever is there by then
  }
  bool refused = false;
  for (const net::HttpFields& fields : if_match(place, there->entry.tag)) {
    const S3Request made = write_of(place, key, new_bytes, fields);
    const auto sent = place.client->send(made);
    if (!sent || sent->is_good()) {  // an answer that was lost may have been good
      TRY_ASSIGN(const bool ours, holds(place, key, new_bytes));
      if (ours || !sent) {
        return ours ? Result<void>{} : Result<void>(tl::unexpected(sent.error()));
      }
      return changed();
    }
    const S3Answer& answer = *sent;
    const bool unknown = answer.status == 501 || answer.code == "NotImplemented";
    if (fields.empty() || (!is_refused(answer) && !unknown)) {
      return tl::unexpected(error_of(answer, made.what));
    }
    // Refused twice with the same tag in both ways is no question of quotes.
    if (is_refused(answer) && std::exchange(refused, true)) {
      return changed();
    }
  }
  return changed();
}

}  // namespace toolkit::store
