#include "s3_multipart.hpp"

#include "s3_put.hpp"
#include "s3_text.hpp"

#include <toolkit/base/log.hpp>
#include <toolkit/net/digest.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::store {
namespace {

constexpr std::chrono::hours kForgotten{7 * 24};

}  // namespace

std::string tag_of_parts(const std::vector<S3Part>& parts) {
  std::string all;
  for (const S3Part& part : parts) {
    const auto md5 = tag_md5(part.etag);
    if (!md5) {
      return {};
    }
    all += *md5;
  }
  return fmt::format("{}-{}", net::to_hex(net::md5(all)), parts.size());
}

S3Request S3Multipart::request(const char* method, S3Query query) const {
  S3Request made;
  made.what = place_.cannot("write", key_);
  made.method = method;
  made.key = place_.object(key_);
  made.query = std::move(query);
  if (!id_.empty()) {
    made.query.emplace_back("uploadId", id_);
  }
  return made;
}

Result<S3Multipart> S3Multipart::start(const S3Place& place, const std::string& key,
                                       std::int64_t mtime) {
  S3Multipart upload(place, key, {});
  S3Request made = upload.request("POST", {{"uploads", ""}});
  made.fields.emplace_back(kTimeField, time_text(mtime));
  TRY_ASSIGN(const auto answer, place.demand(made));
  upload.id_ = xml_text(answer.body, "UploadId");
  if (upload.id_.empty()) {
    return fail(ErrorKind::failed, made.what + ": the server gives no upload id");
  }
  return upload;
}

Result<std::optional<std::vector<S3Part>>> S3Multipart::list() const {
  std::vector<S3Part> parts;
  std::uint32_t marker = 0;
  do {
    S3Request made = request("GET", {});
    if (marker > 0) {
      made.query.emplace_back("part-number-marker", std::to_string(marker));
    }
    TRY_ASSIGN(const auto answer, place_.send(made));
    if (answer.status == 404) {  // NoSuchUpload; Ceph says NoSuchKey
      return std::nullopt;
    }
    if (!answer.is_good()) {
      return tl::unexpected(error_of(answer, made.what));
    }
    auto page = parse_part_page(answer.body);
    if (!page || (page->next != 0 && page->next <= marker)) {
      return fail(ErrorKind::failed, made.what + ": the list of its parts makes no sense");
    }
    parts.insert(parts.end(), page->parts.begin(), page->parts.end());
    marker = page->next;
  } while (marker != 0);
  return parts;
}

Result<S3Part> S3Multipart::send_part(const PlannedPart& part, S3Outlet& outlet) const {
  S3Request made = request("PUT", {{"partNumber", std::to_string(part.number)}});
  S3Body body(outlet, part.offset, part.size);
  TRY_ASSIGN(const auto digests, body.attach(made, place_.client->uses_tls(), false));
  const auto answer = place_.send(made);
  if (!answer || !answer->is_good()) {
    body.take_back();
    return tl::unexpected(answer ? write_error(*answer, made.what) : answer.error());
  }
  return S3Part{part.number, part.size, std::string(bare_tag(answer->field("ETag")))};
}

Result<S3Part> S3Multipart::copy_part(const PlannedPart& part, const Origin& origin) const {
  S3Request made = request("PUT", {{"partNumber", std::to_string(part.number)}});
  made.fields = {{"x-amz-copy-source", place_.client->copy_source(place_.object(origin.key))},
                 {"x-amz-copy-source-range",
                  fmt::format("bytes={}-{}", part.offset, part.offset + part.size - 1)}};
  if (!origin.tag.empty()) {
    made.fields.emplace_back("x-amz-copy-source-if-match", fmt::format("\"{}\"", origin.tag));
  }
  TRY_ASSIGN(auto answer, place_.send(made));
  answer = with_late_error(std::move(answer));
  if (!answer.is_good()) {
    return tl::unexpected(error_of(answer, made.what));
  }
  const std::string tag(bare_tag(xml_text(answer.body, "ETag")));
  if (tag.empty()) {
    return fail(ErrorKind::failed, made.what + ": the server does not say what it copied");
  }
  return S3Part{part.number, part.size, tag};
}

Result<bool> S3Multipart::is_there(const PlannedPart& part, const S3Part& there,
                                   S3Outlet& outlet) const {
  const auto md5 = tag_md5(there.etag);
  if (there.size != part.size || !md5) {
    return false;
  }
  TRY_ASSIGN(const auto digests, S3Body(outlet, part.offset, part.size).hash(true, true));
  return digests.md5 == *md5;
}

Result<bool> S3Multipart::looks_complete(const std::string& tag, std::uint64_t size,
                                         bool tag_decides) const {
  TRY_ASSIGN(const auto entry, look(place_, key_));
  return entry && entry->size == size && (!tag_decides || (!tag.empty() && entry->tag == tag));
}

Result<void> S3Multipart::complete(const std::vector<S3Part>& parts, std::uint64_t size,
                                   const S3Verdicts& verdicts) const {
  const std::string body = complete_text(parts), tag = tag_of_parts(parts);
  S3Request made = request("POST", {});
  made.fields.emplace_back("Content-Type", "application/xml");
  made.bytes = body;
  for (int tried = 1;; ++tried) {
    auto sent = place_.client->send(made);
    if (sent) {
      *sent = with_late_error(std::move(*sent));
    }
    const bool told = sent && sent->is_good();
    // An answer that was lost, or a second one: whether it worked, only the object can say, and
    // then its tag must be the parts'.
    const bool tag_decides = !told || (verdicts.tags_are_md5() && !tag.empty());
    TRY_ASSIGN(const bool done, looks_complete(tag, size, tag_decides));
    if (done) {
      return {};
    }
    if (told) {
      return fail(
          ErrorKind::conflict,
          made.what + ": complete, and then it was another object: is there a second writer?");
    }
    Error error = sent ? error_of(*sent, made.what) : sent.error();
    if (tried == 3 || error.kind != ErrorKind::unavailable) {
      return tl::unexpected(std::move(error));
    }
    TRY(place_.pause(tried));
  }
}

void S3Multipart::abort() const {
  S3Request made = request("DELETE", {});
  const auto answer = place_.send(made);
  if (!answer || (!answer->is_good() && answer->status != 404)) {
    log_warn("the parts of an upload to {} are left over: {}", place_.name_of(key_),
             answer ? error_of(*answer, made.what).message : answer.error().message);
  }
}

void abort_old_uploads(const S3Place& place, const std::string& key) {
  S3Request made;
  made.what = place.cannot("list uploads to", key);
  made.query = {{"uploads", ""}, {"prefix", place.object(key)}, {"encoding-type", "url"}};
  const auto answer = place.demand(made);  // who may not ask, leaves them alone
  const auto uploads = answer ? parse_uploads(answer->body) : tl::unexpected(answer.error());
  const auto limit = std::chrono::duration_cast<std::chrono::nanoseconds>(
                         (place.client->now() - kForgotten).time_since_epoch())
                         .count();
  for (const S3Upload& upload : uploads ? *uploads : std::vector<S3Upload>{}) {
    if (upload.key == place.object(key) && upload.started > 0 && upload.started < limit) {
      S3Multipart(place, key, upload.id).abort();
    }
  }
}

}  // namespace toolkit::store
