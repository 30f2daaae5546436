#include "s3_append.hpp"
#include "s3_multipart.hpp"
#include "s3_put.hpp"

namespace toolkit::store {
namespace {

// More is not sent to be refused because something is there, an empty log mostly: one look costs
// less.
constexpr std::uint64_t kLookFirst = 256 << 10;

std::vector<net::HttpFields> conditions(const S3Place& place, const std::optional<Entry>& entry) {
  if (!entry) {
    return {{{"If-None-Match", "*"}}, {}};
  }
  return if_match(place, entry->tag);
}

bool is_unknown(const S3Answer& answer) {
  return answer.status == 501 || answer.code == "NotImplemented" || answer.code == "InvalidRequest";
}

// All of it, over what is there if that is still the same.
Result<void> send_whole(const S3Place& place, S3Verdicts& verdicts, const Target& target,
                        S3Outlet& outlet, const std::optional<Entry>& entry) {
  const std::string what = place.cannot("append to", target.key);
  for (const net::HttpFields& fields : conditions(place, entry)) {
    TRY_ASSIGN(const auto answer, try_put(place, verdicts, target, outlet, fields));
    if (answer.is_good()) {
      return {};
    }
    const bool refused = answer.status == 412 || answer.status == 409;
    if (fields.empty() || (!refused && !is_unknown(answer))) {
      return tl::unexpected(write_error(answer, what));
    }
    TRY_ASSIGN(const auto now, look(place, target.key));
    if (now.has_value() != entry.has_value() || (now && now->tag != entry->tag)) {
      // A lost answer to the first of several tries looks like this, too.
      return fail(ErrorKind::conflict, what + ": it changed meanwhile");
    }
  }
  return fail(ErrorKind::internal, what);
}

Result<void> copy_and_send(const S3Place& place, S3Verdicts& verdicts, const Target& target,
                           S3Outlet& outlet, const Entry& entry) {
  TRY_ASSIGN(const auto plan, plan_append(entry.size, target.size));
  TRY_ASSIGN(const auto upload, S3Multipart::start(place, target.key, target.mtime));
  const auto finish = [&]() -> Result<void> {
    TRY_ASSIGN(const auto parts, upload.send(plan, {}, outlet, {target.key, entry.tag}));
    // Not every server heeds the condition on the source, so we look ourselves.
    TRY_ASSIGN(const auto now, look(place, target.key));
    if (!now || now->tag != entry.tag) {
      return fail(ErrorKind::conflict,
                  place.cannot("append to", target.key) + ": it changed meanwhile");
    }
    return upload.complete(parts, target.size, verdicts);
  };
  auto done = finish();
  if (!done) {
    upload.abort();
  }
  return done;
}

}  // namespace

Result<bool> put_new(const S3Place& place, S3Verdicts& verdicts, const Target& target,
                     S3Outlet& outlet) {
  TRY_ASSIGN(const bool proved, verdicts.creates_exclusively());
  if (!proved) {
    return false;
  }
  TRY_ASSIGN(const auto answer, try_put(place, verdicts, target, outlet, {{"If-None-Match", "*"}}));
  if (answer.is_good()) {
    return true;
  }
  // Or a lost answer to the first of several tries: who looks will see.
  if (answer.status == 412 || answer.status == 409) {
    return false;
  }
  return tl::unexpected(write_error(answer, place.cannot("append to", target.key)));
}

Result<void> append_by_rebuilding(const S3Place& place, S3Verdicts& verdicts, const Target& target,
                                  std::uint64_t offset, S3Outlet& outlet, std::string& memo) {
  if (offset == 0 && target.size < kLookFirst) {
    TRY_ASSIGN(const bool made, put_new(place, verdicts, target, outlet));
    if (made) {
      return {};
    }
  }
  TRY_ASSIGN(const auto entry, look(place, target.key));
  const std::uint64_t there = entry ? entry->size : 0;
  if (there != offset) {
    return not_so_long(place, target.key, there, offset);
  }
  if (entry && target.size == offset) {
    return {};
  }
  if (entry && offset >= kSmallestPart) {
    return copy_and_send(place, verdicts, target, outlet, *entry);
  }
  if (target.size >= kMultipartFrom) {
    TRY(put_in_parts(place, verdicts, target, outlet, memo));
  } else {
    TRY(send_whole(place, verdicts, target, outlet, entry));
  }
  if (offset > 0) {
    const std::lock_guard lock(outlet.passing);
    outlet.flow.again(static_cast<std::size_t>(offset));
  }
  return {};
}

Result<void> copy_object(const S3Place& place, const S3Verdicts& verdicts, const std::string& from,
                         const Entry& entry, const std::string& to, Flow& flow) {
  if (entry.size > kLargestPart) {  // CopyObject ends here
    TRY_ASSIGN(const auto plan, plan_append(entry.size, entry.size));
    TRY_ASSIGN(const auto upload, S3Multipart::start(place, to, entry.mtime));
    struct Nothing : Content {
      Result<std::size_t> read(std::uint64_t, std::span<char>) override { return 0; }
      [[nodiscard]] const Entry& entry() const override { return none; }
      Result<Entry> stat() override { return none; }
      Entry none;
    } nothing;
    S3Outlet outlet{nothing, flow};
    const auto parts = upload.send(plan, {}, outlet, {from, entry.tag});
    auto done = parts ? upload.complete(*parts, entry.size, verdicts)
                      : Result<void>(tl::unexpected(parts.error()));
    if (!done) {
      upload.abort();
    }
    return done;
  }
  S3Request request;
  request.what = place.cannot("write", to);
  request.method = "PUT";
  request.key = place.object(to);
  request.fields = {{"x-amz-copy-source", place.client->copy_source(place.object(from))}};
  if (!entry.tag.empty()) {
    request.fields.emplace_back("x-amz-copy-source-if-match", "\"" + entry.tag + "\"");
  }
  TRY_ASSIGN(auto answer, place.send(request));
  answer = with_late_error(std::move(answer));
  if (!answer.is_good()) {
    return tl::unexpected(error_of(answer, request.what));
  }
  TRY_ASSIGN(const auto copied, look(place, to));
  return copied && copied->size == entry.size
             ? Result<void>{}
             : fail(ErrorKind::conflict, request.what + ": the copy is not as long as its source");
}

Result<void> remove_object(const S3Place& place, const std::string& key) {
  S3Request request;
  request.what = place.cannot("remove", key);
  request.method = "DELETE";
  request.key = place.object(key);
  TRY_ASSIGN(const auto answer, place.send(request));
  return answer.is_good() || (answer.status == 404 && answer.code != "NoSuchBucket")
             ? Result<void>{}
             : tl::unexpected(error_of(answer, request.what));
}

}  // namespace toolkit::store
